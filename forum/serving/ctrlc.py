"""Ctrl-C and SIGTERM, so that none is lost and nothing is interrupted that must not be."""

from __future__ import annotations

import signal
from collections.abc import Callable


class CtrlC:
    """Ctrl-C and SIGTERM, which raise KeyboardInterrupt in the main thread: at once, or where it checks for them.

    What is raised at once is lost where Python itself is at work: in a fork, or where it collects garbage, which may be
    anywhere.
    """

    def __init__(self) -> None:
        self._held = self._came = False
        self._wake: Callable[[], object] | None = None

    def listen(self) -> None:
        """Take both from now on, unless whoever started this process wants Ctrl-C to be ignored."""
        signal.signal(signal.SIGTERM, self._take)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._take)

    def hold(self, wake: Callable[[], object] | None = None) -> None:
        """From now on the first one waits for `check`, and asks for it by `wake`; a second one is raised at once."""
        self._held, self._wake = True, wake

    def check(self) -> None:
        """Raises KeyboardInterrupt where one came; the next one is raised at once."""
        if self._came:
            self._held = self._came = False
            raise KeyboardInterrupt

    def _take(self, *_signal: object) -> None:
        if self._came or not self._held:
            raise KeyboardInterrupt
        self._came = True
        if self._wake:
            self._wake()


ctrl_c = CtrlC()

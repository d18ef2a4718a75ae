"""What a PDF says of itself, read in a process of its own: a stranger's file may take any time and any memory.

Run as a script it reads a PDF from its input and writes title, author and date as JSON; `facts_of` runs it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

SECONDS = 5
MEMORY = 1024 * 1024 * 1024  # Bytes of address space.


def facts_of(body: bytes) -> dict[str, str]:
    """What a PDF writes as its title, author and "created"; nothing of one that cannot be read in time."""
    try:
        done = subprocess.run(  # noqa: S603  # our own script; what is a stranger's is its input
            [sys.executable, "-I", __file__], input=body, capture_output=True, timeout=SECONDS + 1, check=True
        )
        found: dict[str, str] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return {}
    return found


def _main() -> None:
    import io
    import logging

    try:
        import resource
    except ImportError:  # not on Windows; the time is bounded from outside
        pass
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from pypdf import PdfReader

    logging.disable(logging.CRITICAL)
    facts: Any = PdfReader(io.BytesIO(sys.stdin.buffer.read()), strict=False).metadata or {}
    names = {"title": "/Title", "author": "/Author", "created": "/CreationDate"}
    json.dump({name: str(facts.get(key) or "")[:1000] for name, key in names.items()}, sys.stdout)


if __name__ == "__main__":
    _main()

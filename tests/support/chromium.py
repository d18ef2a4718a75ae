"""The browser of the tests: found on this machine, or else installed.

`python -m tests.support.chromium` makes sure that there is one, and ends with a sentence where it cannot.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# No sandbox: it needs rights that a container does not give. The rest keeps the browser from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HELP = (
    "The browser tests need Chromium: install it (Debian: apt-get install chromium), "
    "or set CHROMIUM to the path of Chromium or Chrome, and try again."
)


def launch_arguments() -> dict[str, object]:
    """What Playwright starts the browser with. Without a path it takes its own."""
    path = find()
    return {"args": ARGUMENTS} | ({"executable_path": path} if path else {})


def find() -> str | None:
    """The path of a Chromium of this machine that starts, or None. Where CHROMIUM is set, only that one."""
    names = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else NAMES
    # Ubuntu's chromium-browser may be a stub that only says to install a snap: ask for its version.
    return next((path for path in map(shutil.which, names) if path and _runs([path, "--version"])), None)


def install() -> bool:
    """Install Chromium by apt where we may, or else by Playwright. Whether there is one now."""
    if shutil.which("apt-get") and (root := _as_root()) is not None:
        print("Installing Chromium by apt...", flush=True)
        apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]
        _runs([*apt, "update"], tell=True)
        if _runs([*apt, "install", "--no-install-recommends", "chromium"], tell=True) and find():
            return True
    print("Installing Chromium by Playwright...", flush=True)
    return _runs([sys.executable, "-m", "playwright", "install", "chromium"], tell=True)


def playwrights_own() -> bool:
    """Whether Playwright has a browser of its own here, and it starts."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return Path(path).exists() and _runs([path, "--version"])


def _as_root() -> list[str] | None:
    """What to put before a command that only root may run; None where we cannot become root."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if shutil.which("sudo") and _runs(["sudo", "-n", "true"]) else None


def _runs(command: list[str], *, tell: bool = False) -> bool:
    """Whether the command succeeds within 15 minutes. `tell` shows its last words where it does not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        if tell:
            print(error)
        return False
    if tell and done.returncode:
        print("\n".join((done.stdout + done.stderr).splitlines()[-5:]))
    return done.returncode == 0


def main() -> None:
    """Find or install, or end with the sentence."""
    if find():
        return
    if "CHROMIUM" not in os.environ and (playwrights_own() or (install() and (find() or playwrights_own()))):
        return
    sys.exit(HELP)


if __name__ == "__main__":
    main()

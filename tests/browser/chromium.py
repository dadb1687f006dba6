"""Where the browser of the browser tests is, and whether a run may do without one."""

import os
from pathlib import Path

DEBIANS = "/usr/bin/chromium"
BROWSER = "BROWSER"
NEEDED = "BROWSER_TESTS"
ADVICE = f"browser tests did not run: install Debian's package chromium, or name a Chromium by {BROWSER}="


def found() -> str | None:
    """The Chromium to drive: the one that BROWSER names, else Debian's."""
    path = os.environ.get(BROWSER) or DEBIANS
    return path if Path(path).is_file() and os.access(path, os.X_OK) else None


def give_home(folder: Path) -> None:
    """Who has no home gets one: Chromium and its driver do not start without."""
    os.environ.setdefault("HOME", str(folder))


def needed() -> bool:
    """Whether a missing Chromium fails the run: `make test-browser` and CI say so."""
    return os.environ.get(NEEDED) == "needed"

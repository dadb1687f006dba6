"""Which programs of other people are here to be played against, and whether a run may do without one."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import pytest

from tests import programs

NEEDED = "INTEROP_TESTS"
KANNEL = "kannel"
NET_SMPP = "libnet-smpp-perl"
TSHARK = "tshark"
INSTALL = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")


def _has_net_smpp() -> bool:
    """Whether Perl finds the module."""
    perl = programs.found("perl")
    return perl is not None and subprocess.run([perl, "-MNet::SMPP", "-e", "1"], capture_output=True).returncode == 0


_FOUND: Mapping[str, Callable[[], bool]] = {
    KANNEL: programs.has_kannel,
    NET_SMPP: _has_net_smpp,
    TSHARK: lambda: programs.found(TSHARK) is not None,
}
"""Debian's packages, and how each is known to be here."""


@cache
def missing() -> Sequence[str]:
    """The packages that are not here."""
    return [package for package, found in _FOUND.items() if not found()]


def advice(packages: Sequence[str]) -> str:
    """What to do about those that are missing."""
    return (
        f"interop tests did not run for want of Debian's {', '.join(packages)}: `make interop` as root installs them, "
        f"or `sudo {' '.join((*INSTALL, *packages))}`"
    )


def require(package: str) -> None:
    """Skip the test that asks, or fail it where the run may not do without."""
    if package in missing():
        (pytest.fail if needed() else pytest.skip)(advice([package]))


def needed() -> bool:
    """Whether a missing peer fails the run: `make interop` says so."""
    return os.environ.get(NEEDED) == "needed"

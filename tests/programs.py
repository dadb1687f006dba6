"""Where other people's programs are, which tests and benchmarks run and nothing of ours installs. Imports no test."""

import os
import shutil

SYSTEM = "/usr/local/sbin:/usr/sbin"
"""Debian puts servers where PATH of those who are not root does not lead."""
KANNEL = ("bearerbox", "smsbox")


def found(name: str) -> str | None:
    """The program of that name, or None."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{SYSTEM}")


def has_kannel() -> bool:
    """Whether both of Kannel's programs are here."""
    return all(map(found, KANNEL))

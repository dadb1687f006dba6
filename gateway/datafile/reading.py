"""A file that a person wrote, as text."""

from pathlib import Path

from gateway.datafile.findings import FaultyFileError, Finding
from gateway.datafile.kinds import Kind


def read_text(path: Path) -> str:
    """A file that a person wrote. Raises `FaultyFileError` when it cannot be read, or not as UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        advice = "check that it is a file, and its rights"
        fault = Finding(str(path), 1, "", Kind.UNREADABLE, f"cannot be read ({error.strerror})", advice)
        raise FaultyFileError((fault,)) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = Finding(str(path), line, "", Kind.UNREADABLE, "not UTF-8", "save the file as UTF-8")
        raise FaultyFileError((fault,)) from None

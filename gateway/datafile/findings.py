"""What a check found, at the place where a person must edit."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import ConfigurationError


class Severity(StrEnum):
    """An error keeps a pack from being served; a warning is a person's decision."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `key` is the path of keys in the file, joined by dots: `screens.home_menu.text.ru`."""

    file: str
    line: int
    key: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}: {self.severity}: {place}{self.message}"


class FaultyFileError(ConfigurationError):
    """A file of a pack that cannot be served. `findings` holds each fault; the message is all of them, a line each."""

    code = "faulty_file"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings

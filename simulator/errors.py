"""What can go wrong between the simulator and a gateway or an SMSC, each as a sentence that says what to do.

A screen that differs from what a dialogue expects is not an error of the simulator but its result: `play.Result`.
"""

from dataclasses import dataclass
from pathlib import Path


class SimulatorError(Exception):
    """Something that whoever drives the simulator has to set right. Its text is the whole message."""


class GatewayDownError(SimulatorError):
    """Nothing listens where the gateway should be."""


class SmscAwayError(SimulatorError):
    """No SMSC answers where the control port should be: there is no SMS to send or to read."""


class BillingAwayError(SimulatorError):
    """No billing answers where it should be: it cannot be told how to behave."""


class HopFailedError(SimulatorError):
    """The gateway answered, but with nothing that a handset could show; the network has ended the session."""


class HungUpError(SimulatorError):
    """The subscriber hung up before the answer came: nobody saw it."""


class EventRefusedError(SimulatorError):
    """The gateway did not take an event of a subscriber."""


class NotPlayableError(SimulatorError):
    """This deployment cannot do what was asked of it, though nothing is broken."""


class NotWritableError(SimulatorError):
    """A file that was asked for cannot be written."""


class PhraseError(SimulatorError, ValueError):
    """Words of a dialogue or of the terminal that cannot be read; a ValueError, so that models report its line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a dialogue file, where an editor can find it."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class DialogueFileError(SimulatorError):
    """A dialogue file that cannot be played; `faults` has every one that was found."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults

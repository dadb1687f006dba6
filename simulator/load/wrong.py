"""What can be wrong with a reply. Each is counted under one of these, and told with its text."""

from enum import StrEnum


class Wrong(StrEnum):
    """Kinds of faults, as a report calls them."""

    SCREEN = "wrong screen"
    BOOKS = "a number that is not that of the books"
    CUT_OFF = "a screen that the network cuts off"
    NO_REPLY = "no reply, or none that a network takes"
    NO_SMS = "no SMS in time"
    SMS = "wrong SMS"
    UNASKED = "an SMS that nobody waits for"
    EVENT = "an event that was not taken"
    SMSC = "the SMSC did not answer"
    UNFINISHED = "not finished when the time was up"


class WrongError(Exception):
    """One fault of the gateway; its text is the explanation."""

    def __init__(self, kind: Wrong, text: str) -> None:
        super().__init__(text)
        self.kind = kind

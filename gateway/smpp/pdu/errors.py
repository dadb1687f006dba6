"""The one error that reading from a peer may raise."""

from gateway.errors import GatewayError


class PduError(GatewayError):
    """A PDU that cannot be read. `status` and `sequence` are what an answer carries; `command_id` says to what.

    The text names the field and never what stood in it: it may be a number, a text or a password.
    """

    code = "bad_pdu"

    def __init__(self, what: str, status: int, command_id: int = 0, sequence: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.status = status
        self.command_id = command_id
        self.sequence = sequence


class FramingError(PduError):
    """A length that no PDU has: where the next one begins is unknown, so the connection must end."""

    code = "bad_framing"

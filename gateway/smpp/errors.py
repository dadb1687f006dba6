"""How a submit can fail that the SMSC did not refuse. A refusal is not an error but an answer, with its status."""

from gateway.errors import GatewayError


class NotSentError(GatewayError):
    """The message never reached the wire; it may be sent again, by any link."""

    code = "not_sent"
    retryable = True


class UnansweredError(GatewayError):
    """The message was written and no answer came. Whether the SMSC has it is not known: whoever sends again may send
    it twice."""

    code = "unanswered"
    retryable = True

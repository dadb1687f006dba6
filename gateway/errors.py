"""Operating errors: what can go wrong outside our code, as one tree that only shells catch.

A *refusal* (the member may not) is not an error but a value, `outcome.Outcome`. A bug of ours is any
other exception, and is loud.
"""


class GatewayError(Exception):
    """Something outside the code failed. `code` names it in logs and metrics; `retryable` says whether
    the same request may succeed when it is sent again."""

    code = "gateway_error"
    retryable = False


class StoreUnavailableError(GatewayError):
    """The loyalty store did not answer; nothing is known to have moved, and the same key may be sent again."""

    code = "store_unavailable"
    retryable = True


class StateUnavailableError(GatewayError):
    """The session store did not answer."""

    code = "state_unavailable"
    retryable = True


class OverloadedError(GatewayError):
    """A bounded queue is full, or an item waited past its deadline; it was not sent."""

    code = "overloaded"
    retryable = True


class DeadlineMissedError(GatewayError):
    """The answer was not ready when the other side stops waiting; what it would have said stands under its key."""

    code = "deadline_missed"
    retryable = True


class UnexpectedError(GatewayError):
    """A bug of ours, at the edge where the caller must hear something all the same. The log has the traceback."""

    code = "unexpected"


class KeyReusedError(GatewayError):
    """An idempotency key came again with another body; what the first one did stands."""

    code = "key_reused"


class BadNumberError(GatewayError):
    """A subscriber's number that cannot be read as E.164."""

    code = "bad_number"


class BadRequestError(GatewayError):
    """A request that its dialect or the API cannot read. The message says what to send instead."""

    code = "bad_request"


class UnknownPushError(GatewayError):
    """A push that the menu does not have, or has no more."""

    code = "unknown_push"


class ConfigurationError(GatewayError):
    """A setting or a data file is wrong. The message names it and says what to do."""

    code = "configuration"

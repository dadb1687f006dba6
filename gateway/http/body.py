"""Reads a request's body up to a limit, and not a byte further. How long that may take is the caller's to say."""

from collections.abc import Mapping

from starlette.types import Receive

BODY_MAX_S = 5.0
"""A body comes in one piece; who sends it slower than this keeps a connection and gives nothing."""


class BodyTooLargeError(Exception):
    """The body is larger than its limit in bytes."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"the body is larger than {bytes_max} bytes")


class CallerGoneError(Exception):
    """The caller hung up before the request was whole; nobody waits for an answer."""


async def read_body(receive: Receive, headers: Mapping[str, str], bytes_max: int) -> bytes:
    """The whole body. Raises `BodyTooLargeError` as soon as it is known to be larger, or `CallerGoneError`."""
    if int(headers.get("content-length", 0)) > bytes_max:
        raise BodyTooLargeError(bytes_max)
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGoneError
        body += message.get("body", b"")
        if len(body) > bytes_max:
            raise BodyTooLargeError(bytes_max)
        more = message.get("more_body", False)
    return body

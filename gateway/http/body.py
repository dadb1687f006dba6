"""Reads a request's body up to a limit, and not a byte further."""

from starlette.requests import Request


class BodyTooLargeError(Exception):
    """The body is larger than its limit in bytes."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"the body is larger than {bytes_max} bytes")


async def read_body(request: Request, bytes_max: int) -> bytes:
    """The whole body. Raises `BodyTooLargeError` as soon as it is known to be larger."""
    if int(request.headers.get("content-length", 0)) > bytes_max:
        raise BodyTooLargeError(bytes_max)
    chunks, length = [], 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > bytes_max:
            raise BodyTooLargeError(bytes_max)
        chunks.append(chunk)
    return b"".join(chunks)

"""Cursors: a place in a list, opaque to the caller, checked when it comes back. They are no secret and no proof."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from gateway.api.fields import BIGINT_MAX, EARLIEST, LATEST
from gateway.errors import BadRequestError

Place = TypeVar("Place")
Line = TypeVar("Line")

Id = Annotated[int, Field(ge=0, le=BIGINT_MAX)]
Word = Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,60}$")]
Moment = Annotated[datetime, Field(ge=EARLIEST, le=LATEST)]

BY_ID: TypeAdapter[int] = TypeAdapter(Id)
BY_MONTH: TypeAdapter[tuple[date, int]] = TypeAdapter(tuple[date, Id])
BY_TIME: TypeAdapter[tuple[datetime, str, str]] = TypeAdapter(tuple[Moment, Word, Word])


def cursor_of(shape: TypeAdapter[Place], place: Place) -> str:
    """A place in a list, to be sent back."""
    return base64.urlsafe_b64encode(shape.dump_json(place)).decode().rstrip("=")


def place_of(shape: TypeAdapter[Place], cursor: str | None, first: Place) -> Place:
    """Where the next page begins; `first` without a cursor. Raises `BadRequestError` for what is none of ours."""
    if cursor is None:
        return first
    try:
        return shape.validate_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValidationError, ValueError):
        raise BadRequestError("cursor: send `next` of the page before, as it came") from None


def next_of(shape: TypeAdapter[Any], lines: Sequence[Line], limit: int, place: Any) -> str | None:
    """The cursor after a page that was asked for with one line more than `limit`; None on the last page."""
    return cursor_of(shape, place) if len(lines) > limit else None

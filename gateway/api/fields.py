"""The forms of what the API is sent: each with its limits, so that nothing past them reaches the programme.

No text that is kept may hold a control character (PostgreSQL takes no NUL), nor what looks like a subscriber's number:
numbers live in one place only.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Header, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway.loyalty.programme import CODE, WORD_LENGTH_MAX

BIGINT_MAX = 2**63 - 1
PAGE_MAX = 200
"""Lines of one page."""
COMMENT_LENGTH_MAX = 200
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
NUMBERS_DIGITS = 10
"""So many digits, whatever stands between them, are taken for somebody's number."""
APART = re.compile(r"[ ()\-.+]")


def _no_number(text: str) -> str:
    if re.search(rf"\d{{{NUMBERS_DIGITS},}}", APART.sub("", text)):
        raise ValueError("write no subscriber's number here: it would be kept in clear")
    return text


def _text(length_max: int) -> str:
    return rf"^[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]{{0,{length_max - 1}}}$"


class In(BaseModel):
    """What is sent: nothing but what is described."""

    model_config = ConfigDict(extra="forbid", strict=True)


Number = Annotated[
    str,
    Field(min_length=5, max_length=25, description="E.164, or as the operator's region writes it"),
]
Reason = Annotated[
    str,
    Field(pattern=_text(WORD_LENGTH_MAX), description="why; kept in the audit log", examples=["apology"]),
    AfterValidator(_no_number),
]
Comment = Annotated[
    str, Field(pattern=_text(COMMENT_LENGTH_MAX), description="for the audit log"), AfterValidator(_no_number)
]
UnitCode = Annotated[str, Field(pattern=CODE, description="a unit of the programme", examples=["points"])]
RewardCode = Annotated[str, Field(pattern=CODE, description="a reward's code", examples=["mug"])]
TransferId = Annotated[int, Field(ge=1, le=BIGINT_MAX, description="a movement's number, as the statement has it")]
Cursor = Annotated[
    str | None,
    Field(pattern=r"^[A-Za-z0-9_-]{1,200}$", description="`next` of the page before; none: the first page"),
]
Limit = Annotated[int, Field(ge=1, le=PAGE_MAX, description="lines of the page")]

OrderId = Annotated[int, Path(ge=1, le=BIGINT_MAX)]
RewardPath = Annotated[str, Path(pattern=CODE, examples=["mug"])]
SegmentPath = Annotated[str, Path(pattern=CODE, examples=["vip"])]
NumberPath = Annotated[str, Path(min_length=5, max_length=25, description="E.164; proxies' logs will have it")]
CursorQuery = Annotated[
    str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,200}$", description="`next` of the page before; none: the first page")
]
LimitQuery = Annotated[int, Query(ge=1, le=PAGE_MAX, description="lines of the page")]
KeyHeader = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,100}$",
        description="yours, one for each act: the same request under the same key is answered as the first time",
        examples=["care-7001"],
    ),
]

"""The two ends of a dialect: a callback as it came, and an answer as it leaves. Values only; no framework."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from gateway.errors import BadRequestError
from gateway.ussd.message import Profile, UssdReply, UssdRequest

FIELDS_MAX = 40


@dataclass(frozen=True, slots=True)
class Callback:
    """One HTTP request of a USSD gateway. Header names are lower case."""

    headers: Mapping[str, str]
    query: str
    body: bytes

    def form(self) -> dict[str, str]:
        """The fields of `application/x-www-form-urlencoded`, in UTF-8; the last of a repeated one.

        Raises `BadRequestError` for another content type, another encoding, or too many fields.
        """
        kind = self.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise BadRequestError("send application/x-www-form-urlencoded")
        try:
            text = self.body.decode("ascii")
            return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX))
        except ValueError:
            raise BadRequestError(f"the form is not percent-encoded UTF-8 of at most {FIELDS_MAX} fields") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the USSD gateway hears."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """One path of a dialect, below `/ussd/<name>`; its callbacks' parser, and their description for OpenAPI."""

    method: str
    suffix: str
    parse: Callable[[Callback, str], UssdRequest]
    documentation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A dialect as the routes see it. `format_reply` words the answer to one request; `acknowledge` answers a notice
    that wants no screen."""

    name: str
    profile: Profile
    routes: tuple[Route, ...]
    format_reply: Callable[[UssdReply, UssdRequest], Answer]
    acknowledge: Answer


def needed(fields: Mapping[str, str], name: str) -> str:
    """A field that must be there and not empty. Raises `BadRequestError` that names it."""
    value = fields.get(name, "").strip()
    if not value:
        raise BadRequestError(f"the field {name} is missing or empty")
    return value


def bounded(fields: Mapping[str, str], name: str, length_max: int) -> str:
    """A field of bounded length, empty when it is not there. Raises `BadRequestError` that names it."""
    value = fields.get(name, "")
    if len(value) > length_max:
        raise BadRequestError(f"the field {name} is longer than {length_max} characters")
    return value

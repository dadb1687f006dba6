"""What a dialect is made of: its routes, and an answer as it leaves. Values only; no framework."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.callback import Callback, bounded, needed
from gateway.errors import BadRequestError
from gateway.ussd.message import Profile, UssdReply, UssdRequest

SESSION_ID_LENGTH_MAX = 128
"""Of a session's id as its gateway makes it: twice the longest that was seen."""
TYPED_LENGTH_MAX = 182
"""Of what was dialled or typed: septets of one USSD string (3GPP TS 23.038)."""
HOP_ID_LENGTH_MAX = 64

LANGUAGE_LENGTH_MAX = 3

_SEPARATORS = re.compile(r"[*#]")
_SUBTAGS = re.compile(r"[-_]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the USSD gateway hears."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


NOTHING = Answer(b"", "text/plain; charset=utf-8")
"""Hears whoever asks for no answer, as with a notice."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path of a dialect, below `/ussd/<name>`; its callbacks' parser, and their description for
    OpenAPI.

    Where `suffix` has a name in braces, as `/session/{session_id}/end`, anything may stand but a slash: the parser
    finds it in `Callback.path`. `profile` is the route's own, where its hops are surer than others of the dialect.
    """

    method: str
    suffix: str
    parse: Callable[[Callback, str], UssdRequest]
    documentation: Mapping[str, Any]
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """A dialect as the routes see it. `format_reply` words the answer to one request; `acknowledge` answers a notice
    that wants no screen. `login` finds user and password where callbacks have them outside their headers, two empty
    strings where they have none; it raises nothing."""

    name: str
    profile: Profile
    routes: tuple[Route, ...]
    format_reply: Callable[[UssdReply, UssdRequest], Answer]
    acknowledge: Answer = NOTHING
    login: Callable[[Callback], tuple[str, str]] | None = None


def repeated(**fields: str) -> str:
    """Fields of a request that its answer has to repeat, as `UssdRequest.echo` carries them."""
    return orjson.dumps(fields).decode()


def to_repeat(request: UssdRequest) -> dict[str, str]:
    """The fields that `repeated` put there."""
    found: dict[str, str] = orjson.loads(request.echo)
    return found


def json_answer(**fields: object) -> Answer:
    """A JSON object of these fields, in this order."""
    return Answer(orjson.dumps(fields), "application/json")


def session_id(fields: Mapping[str, str], name: str) -> str:
    """The field with the session's id, as it came. Raises `BadRequestError` that names it."""
    needed(fields, name)
    return bounded(fields, name, SESSION_ID_LENGTH_MAX)


def hop_id(fields: Mapping[str, str], name: str) -> str:
    """The field with an id unique to each hop, for an identity of `TRANSACTION`. Raises `BadRequestError` that names
    it, also where it has a blank, by which the store keeps ids apart."""
    needed(fields, name)
    found = bounded(fields, name, HOP_ID_LENGTH_MAX).strip()
    if len(found.split()) > 1:
        raise BadRequestError(f"the field {name} has a blank in it")
    return found


def hinted(language: str) -> str:
    """The language that a gateway's word for it begins with: `en` of `EN`, `en-GB`, `en_US` (BCP 47's primary subtag);
    empty for what is none. One that the programme does not speak is let be further on."""
    primary = _SUBTAGS.split(language.strip().lower())[0]
    return primary if primary.isascii() and primary.isalpha() and 2 <= len(primary) <= LANGUAGE_LENGTH_MAX else ""


def dialled(text: str, service_code: str = "") -> tuple[str, str]:
    """What was dialled as `UssdRequest` has it: the service code, and its arguments joined by `*`.

    The service code is `service_code`, where what was dialled begins with it, else the first number; what does not look
    like a dial string at all is arguments. Worked example: `*123*1#2#` is `*123#` and `1*2`; where `711*2` is the
    service code, `*711*2*4#` is `*711*2#` and `4`, and so is `4`.
    """
    parts, known = _parts(text), _parts(service_code)
    if known and parts[: len(known)] == known:
        code, arguments = known, parts[len(known) :]
    elif known and not text.lstrip().startswith(("*", "#")):
        code, arguments = known, parts
    else:
        code, arguments = parts[:1], parts[1:]
    return f"*{'*'.join(code)}#" if code else "", "*".join(arguments)


def _parts(dialled_text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(dialled_text.strip()) if part]

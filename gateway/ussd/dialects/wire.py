"""The two ends of a dialect: a callback as it came, and an answer as it leaves. Values only; no framework."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import orjson

from gateway.errors import BadRequestError
from gateway.ussd.message import Profile, UssdReply, UssdRequest

FIELDS_MAX = 40
ELEMENTS_MAX = 64
"""The longest of these documents has some thirty: addresses, a message, and errors."""
_SEPARATORS = re.compile(r"[*#]")


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
        self._must_be("application/x-www-form-urlencoded")
        try:
            text = self.body.decode("ascii")
            return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX))
        except ValueError:
            raise BadRequestError(f"the form is not percent-encoded UTF-8 of at most {FIELDS_MAX} fields") from None

    def json(self) -> dict[str, object]:
        """The fields of a JSON object, by their names in lower case; the last of a repeated one.

        Raises `BadRequestError` for another content type, for what is no JSON object, or for too many fields.
        """
        self._must_be("application/json")
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise BadRequestError("the body is not JSON in UTF-8") from None
        if not isinstance(found, dict) or len(found) > FIELDS_MAX:
            raise BadRequestError(f"the body is not a JSON object of at most {FIELDS_MAX} fields")
        return {name.lower(): value for name, value in found.items()}

    def xml(self) -> Element:
        """The root of an XML document, which is read as UTF-8 whatever it declares. A document type, and with it
        every entity of one's own, is refused.

        Raises `BadRequestError` for another content type, for what is no XML, or for too many elements.
        """
        self._must_be("text/xml", "application/xml")
        tree, parser = TreeBuilder(), expat.ParserCreate("UTF-8")
        count = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal count
            count += 1
            if count > ELEMENTS_MAX:
                raise BadRequestError(f"the document has more than {ELEMENTS_MAX} elements")
            tree.start(name, attributes)

        def refuse(*_: object) -> NoReturn:
            raise BadRequestError("send XML without a document type")

        parser.StartElementHandler, parser.EndElementHandler = start, tree.end
        parser.StartDoctypeDeclHandler = refuse
        try:
            parser.Parse(self.body, True)
        except expat.ExpatError:
            raise BadRequestError("the body is not XML in UTF-8") from None
        return tree.close()

    def _must_be(self, *content_types: str) -> None:
        """Raises `BadRequestError` that names the first of these, unless the body is said to be one of them."""
        if self.headers.get("content-type", "").split(";")[0].strip().lower() not in content_types:
            raise BadRequestError(f"send {content_types[0]}")


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

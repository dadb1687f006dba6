"""One HTTP request of a gateway of USSD or SMS, as its dialect reads it: forms, queries, JSON, XML, all within limits.

Values only; no framework. Errors say what should have come, and never what came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl, unquote, unquote_to_bytes
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import orjson

from gateway.errors import BadRequestError

FIELDS_MAX = 40
ELEMENTS_MAX = 64
"""The longest of these documents has some thirty: addresses, a message, and errors."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One HTTP request of a gateway. Header names are lower case; `path` has what stands where its route has a name."""

    headers: Mapping[str, str]
    query: str
    body: bytes
    path: Mapping[str, str] = field(default_factory=dict)

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

    def query_fields(self) -> dict[str, str]:
        """The fields of the query, in UTF-8; the last of a repeated one.

        Raises `BadRequestError` for another encoding, or for too many fields.
        """
        try:
            self.query.encode("ascii")
            return dict(parse_qsl(self.query, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX))
        except ValueError:
            raise BadRequestError(f"the query is not percent-encoded UTF-8 of at most {FIELDS_MAX} fields") from None

    def query_octets(self) -> dict[str, bytes]:
        """The fields of the query, whose charset only the dialect knows; the last of a repeated one.

        Raises `BadRequestError` for too many fields.
        """
        items = self.query.replace("+", " ").split("&")
        if len(items) > FIELDS_MAX:
            raise BadRequestError(f"the query has more than {FIELDS_MAX} fields")
        pairs = (item.partition("=") for item in items if item)
        return {unquote(name): unquote_to_bytes(value.encode("latin-1")) for name, _, value in pairs}

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

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, tree.end, tree.data
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


def strings(found: Mapping[str, object], names: Iterable[str]) -> dict[str, str]:
    """These fields of a JSON object (`Callback.json`), spelled as their document has them; empty when they are missing
    or null. Gateways write a whole number with quotes or without. Raises `BadRequestError` for what is neither."""
    return {name: _string(name, found.get(name.lower())) for name in names}


def truth(found: Mapping[str, object], name: str) -> bool:
    """A field of a JSON object that says yes or no, also in quotes. Raises `BadRequestError` that names it."""
    value = found.get(name.lower())
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    raise BadRequestError(f"the field {name} is neither true nor false")


def _string(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadRequestError(f"the field {name} is neither a string nor a whole number")

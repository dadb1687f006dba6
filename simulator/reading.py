"""What a USSD gateway makes of an answer before it looks for a screen: its status, its JSON, its XML.

Each refuses with a sentence that shows how the answer begins. Screens and ends are the dialects' own.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

from simulator.call import Answer
from simulator.errors import HopFailedError

SHOWN = 120
"""As much of a strange answer as helps whoever reads the message."""


def start(answer: Answer) -> str:
    """How an answer begins."""
    return repr(answer.body[:SHOWN])


def accepted(answer: Answer) -> Answer:
    """An answer of the status 200. Raises `HopFailedError` for any other."""
    if answer.status != 200:
        raise HopFailedError(
            f"the gateway answered HTTP {answer.status}, and the network ends the session: {start(answer)}"
        )
    return answer


def json_fields(answer: Answer, needed: Collection[str]) -> Mapping[str, Any]:
    """The fields of a JSON object, where none of these is missing. Raises `HopFailedError`."""
    try:
        fields = json.loads(accepted(answer).body)
    except ValueError:
        raise HopFailedError(f"the answer is not JSON: {start(answer)}") from None
    lacking = [name for name in needed if not isinstance(fields, dict) or name not in fields]
    if lacking:
        raise HopFailedError(f"the answer has no {', '.join(lacking)}: {start(answer)}")
    found: Mapping[str, Any] = fields
    return found


def yes_or_no(fields: Mapping[str, Any], name: str) -> bool:
    """A field that is JSON's true or false. Raises `HopFailedError` for whatever else."""
    value = fields[name]
    if not isinstance(value, bool):
        raise HopFailedError(f"the answer's {name} is {value!r}, neither true nor false")
    return value


def whole(fields: Mapping[str, Any], name: str) -> int:
    """A field that is a whole number of JSON. Raises `HopFailedError` for whatever else."""
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise HopFailedError(f"the answer's {name} is {value!r}, no whole number")
    return value


def document(answer: Answer) -> Element:
    """The root of an XML document. Raises `HopFailedError`, also for one that could hide something."""
    if "<!" in accepted(answer).body:
        raise HopFailedError(f"the answer has a document type or a comment: {start(answer)}")
    try:
        return fromstring(answer.body)  # noqa: S314 - without a document type there is nothing to expand
    except ParseError:
        raise HopFailedError(f"the answer is not XML: {start(answer)}") from None


def screen(text: object, name: str) -> str:
    """What the phone shows. Raises `HopFailedError` for nothing, which is no screen."""
    if not isinstance(text, str) or not text:
        raise HopFailedError(f"the answer's {name} is empty: a screen holds at least one character")
    return text

"""From marked values to a model, or to every fault of shape in words that say what to write.

Decides how each kind of fault is said to a person who does not program: no name of a class, no regular expression.
Refuses to know what the values are for: the caller names the kind of file and what its patterns stand for.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.datafile.findings import FaultyFileError
from gateway.datafile.kinds import Kind
from gateway.datafile.marked import Marked, Path

Model = TypeVar("Model", bound=BaseModel)

NAME = r"^[a-z][a-z0-9_]{0,39}$"
LANGUAGE = r"^[a-z]{2,3}$"
PATTERNS: Mapping[str, str] = {
    NAME: "a name of small Latin letters, digits and _, such as home_menu",
    LANGUAGE: "a language code, such as ru or en",
}
"""What each pattern that several files share asks for, as findings say it."""

LINES = (Kind.WRONG_TYPE, "must hold lines of `key: value`", "put each two spaces further in")
LIST = (Kind.WRONG_TYPE, "must be a list", "write it as [a, b]")
MOMENT = (Kind.WRONG_VALUE, "must be a date and a time with its offset", "write it as 2026-12-01T00:00:00+03:00")
WHOLE = (Kind.WRONG_TYPE, "must be a whole number", "write it in digits alone")
YES_NO = (Kind.WRONG_TYPE, "must be true or false", "write one of the two")
ONE_OF = (Kind.WRONG_VALUE, "must be {expected}", "write one of these")

SAID: Mapping[str, tuple[Kind, str, str]] = {
    "missing": (Kind.KEY_MISSING, "is missing", "add it"),
    "string_type": (Kind.WRONG_TYPE, "must be a text", "write one, in quotes if it begins with a sign"),
    "string_too_short": (Kind.WRONG_VALUE, "is empty", "write a text"),
    "string_too_long": (Kind.WRONG_VALUE, "is longer than {max_length} characters", "shorten it"),
    "dict_type": LINES,
    "mapping_type": LINES,
    "model_type": LINES,
    "model_attributes_type": LINES,
    "list_type": LIST,
    "tuple_type": LIST,
    "too_short": (Kind.WRONG_VALUE, "needs at least {min_length}", "add one"),
    "too_long": (Kind.WRONG_VALUE, "has {actual_length}, and at most {max_length} are allowed", "remove some"),
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": WHOLE,
    "int_from_float": WHOLE,
    "greater_than_equal": (Kind.WRONG_VALUE, "must be {ge} or more", "write a larger number"),
    "less_than_equal": (Kind.WRONG_VALUE, "must be {le} or less", "write a smaller number"),
    "bool_type": YES_NO,
    "bool_parsing": YES_NO,
    "literal_error": ONE_OF,
    "enum": ONE_OF,
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "timezone_aware": MOMENT,
}
"""By pydantic's type of fault; what it brings is in braces."""


def validated(
    marks: Marked,
    model: type[Model],
    kind: str,
    patterns: Mapping[str, str],
    path_of: Callable[[Path], Path] = tuple,
) -> Model:
    """The file's values as a model. Raises `FaultyFileError` with every fault, each at its place.

    `kind` is what the file is called; `patterns` say in words what each pattern of the model asks for; `path_of` makes
    a path of the file from one of the model, where the two differ.
    """
    if marks.value is None:
        raise FaultyFileError(
            (
                marks.finding(
                    (), Kind.EMPTY_FILE, "the file is empty", f"copy the {kind} of a shipped pack and change it"
                ),
            )
        )
    try:
        return model.model_validate(marks.value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise FaultyFileError(
            tuple(marks.finding(path_of(fault["loc"]), *_said(fault, kind, patterns, model)) for fault in faults)
        ) from None


def _said(fault: ErrorDetails, kind: str, patterns: Mapping[str, str], model: type[BaseModel]) -> tuple[Kind, str, str]:
    """What kind of fault it is, what is wrong, and what to write."""
    context: dict[str, Any] = fault.get("ctx", {})
    match fault["type"]:
        case "string_pattern_mismatch":
            return Kind.WRONG_VALUE, f"must be {patterns[context['pattern']]}", "check its letters and signs"
        case "value_error":
            message, _, advice = str(context["error"]).partition(": ")
            return Kind.WRONG_VALUE, message, advice
        case "extra_forbidden":
            near = get_close_matches(str(fault["loc"][-1]), set(_keys(model.model_json_schema())), 1)
            advice = f"did you mean {near[0]!r}?" if near else "check its spelling, or remove it"
            return Kind.KEY_UNKNOWN, f"is no key of a {kind}", advice
        case known if known in SAID:
            found, message, advice = SAID[known]
            return found, message.format(**context), advice
        case _:
            return Kind.WRONG_VALUE, fault["msg"], "check it against the README"


def _keys(schema: Mapping[str, Any]) -> Iterator[str]:
    """Every key that a file of this schema may have somewhere."""
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})

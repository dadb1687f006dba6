"""From marked values to a model, or to every fault of shape in words that say what to write.

Decides how each kind of fault is said to a person who does not program: no name of a class, no regular expression.
Refuses to know what the values are for: the caller names the kind of file and what its patterns stand for.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.datafile.findings import FaultyFileError
from gateway.datafile.marked import Marked, Path

Model = TypeVar("Model", bound=BaseModel)

NAME = r"^[a-z][a-z0-9_]{0,39}$"
LANGUAGE = r"^[a-z]{2,3}$"
PATTERNS: Mapping[str, str] = {
    NAME: "a name of small Latin letters, digits and _, such as home_menu",
    LANGUAGE: "a language code, such as ru or en",
}
"""What each pattern that several files share asks for, as findings say it."""

LINES = "must hold lines of `key: value`, each two spaces further in"
MOMENT = "must be a date and a time with its offset, such as 2026-12-01T00:00:00+03:00"
WHOLE = "must be a whole number, in digits alone"
YES_NO = "must be true or false"

SAID: Mapping[str, str] = {
    "missing": "is missing: add it",
    "extra_forbidden": "is no key of a {kind}: check its spelling, or remove it",
    "string_type": "must be a text",
    "string_too_short": "is empty: write a text",
    "string_too_long": "is longer than {max_length} characters: shorten it",
    "dict_type": LINES,
    "mapping_type": LINES,
    "model_type": LINES,
    "model_attributes_type": LINES,
    "list_type": "must be a list, such as [a, b]",
    "tuple_type": "must be a list, such as [a, b]",
    "too_short": "needs at least {min_length}: add one",
    "too_long": "has {actual_length}, and at most {max_length} are allowed: remove some",
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": WHOLE,
    "int_from_float": WHOLE,
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "bool_type": YES_NO,
    "bool_parsing": YES_NO,
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "timezone_aware": MOMENT,
    "value_error": "{error}",
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
            (marks.finding((), f"the file is empty: copy the {kind} of a shipped pack and change it"),)
        )
    try:
        return model.model_validate(marks.value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise FaultyFileError(
            tuple(marks.finding(path_of(fault["loc"]), _said(fault, kind, patterns)) for fault in faults)
        ) from None


def _said(fault: ErrorDetails, kind: str, patterns: Mapping[str, str]) -> str:
    context: dict[str, Any] = fault.get("ctx", {})
    if fault["type"] == "string_pattern_mismatch":
        return f"must be {patterns[context['pattern']]}"
    return SAID[fault["type"]].format(kind=kind, **context) if fault["type"] in SAID else fault["msg"]

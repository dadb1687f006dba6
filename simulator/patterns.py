"""What is expected of texts that are not the same every day: `до {date}`, `ваш код {voucher:code}`.

A placeholder stands for a kind of text, `{date}`; with a name before it, `{voucher:code}`, what stood there is kept,
and `{voucher}` is it from then on. Everything else in an expected text means itself, or is a regular expression where
its author writes one. Who compares what is the business of `compare`, and of `load`.
"""

import re
from collections.abc import Callable, Iterator, Mapping

SEPARATORS = " \u00a0\u202f,"
"""Between thousands."""
KINDS: Mapping[str, str] = {
    "date": r"\d{1,2}(?:\.\d{2}\.\d{2,4}| (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{2,4})",
    "time": r"\d{1,2}:\d{2}",
    "number": rf"\d+(?:[{SEPARATORS}]\d{{3}})*",
    "code": r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*",
    "any": r"[^\n]*?",
}
"""`31.12.26` or `31 Dec 26`, `23:59`, `1 000` or `1,000`, `DEMO-08-1a2b`, and whatever stands in a line."""
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z]+))?\}")

Values = Mapping[str, str]


def filled(text: str, values: Values) -> str:
    """The text with every known name in its place."""
    return _PLACEHOLDER.sub(lambda found: found[0] if found[2] else values.get(found[1], found[0]), text)


def pattern(text: str, values: Values) -> re.Pattern[str]:
    """What a text has to look like. Names that are kept are groups of the pattern."""
    return re.compile("".join(_pieces(text, values, re.escape)))


def reading(text: str) -> re.Pattern[str]:
    """The same, of a text whose author writes a regular expression around the placeholders: `{sum:number} points?`.

    Raises `ValueError` for one that is none, and for a name that it does not keep.
    """
    for name in names(text)[0]:
        raise ValueError(f"nothing is known as {{{name}}} here: to read it, write {{{name}:number}}")
    return _compiled("".join(_pieces(text, {}, lambda piece: piece)))


def names(text: str) -> tuple[list[str], list[str]]:
    """The names that a text speaks of and does not keep, and those that it keeps. Raises `ValueError` for a kind that
    there is not, and for a kept name that is a kind."""
    used, kept = [], []
    for found in _PLACEHOLDER.finditer(text):
        name, kind = found[1], found[2]
        if kind is None:
            used += [] if name in KINDS else [name]
            continue
        if kind not in KINDS:
            raise ValueError(f"no such kind of text: {found[0]}; there are: {', '.join(KINDS)}")
        if name in KINDS:
            raise ValueError(f"{found[0]}: {name} is a kind of text; keep it by another name")
        kept.append(name)
    return used, kept


def expression(text: str) -> re.Pattern[str]:
    """A regular expression of a dialogue. Raises `ValueError` with what is wrong with it."""
    return _compiled(text, re.MULTILINE)


def _compiled(text: str, flags: int = 0) -> re.Pattern[str]:
    try:
        return re.compile(text, flags)
    except re.error as error:
        raise ValueError(f"this is no regular expression: {error}; a dot, a star or a bracket is \\. \\* \\(") from None


def _pieces(text: str, values: Values, rest: Callable[[str], str]) -> Iterator[str]:
    """The pieces of an expression; `rest` writes what stands between the placeholders."""
    at, kept = 0, set[str]()
    for found in _PLACEHOLDER.finditer(text):
        yield rest(text[at : found.start()])
        name, kind = found[1], found[2]
        if kind is not None:
            yield f"(?P={name})" if name in kept else f"(?P<{name}>{KINDS[kind]})"
            kept.add(name)
        elif name in KINDS:
            yield f"(?:{KINDS[name]})"
        else:
            yield re.escape(values.get(name, found[0]))
        at = found.end()
    yield rest(text[at:])

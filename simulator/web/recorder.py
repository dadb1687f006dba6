"""What happened on a bench, written down as a dialogue: the journal's entries in, a dialogue file's text out. Pure.

Each deed becomes a step, and what came of it becomes what is expected, whole. Dates, times and the gift code of the
story are written as placeholders, since they are others tomorrow; what else changes is for a rehearsal to find out.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.dialogue import FRESH, GIFT_CODE
from simulator.patterns import KINDS

NAMES = ("Anna", "Boris", "Vera", "Gleb")
"""Of the phones of a story, in the order in which they appear; a fifth comes when one was put away."""
_DEEDS: Mapping[str, str] = {"dialled": "dial", "answered": "answer", "operator": "event", "clock": "wait"}
_CHANGES = re.compile(f"(?P<date>{KINDS['date']})|(?P<time>{KINDS['time']})")
_PLAIN = re.compile(r"[A-Za-zА-Яа-яЁё][\w .-]*[\w.]|[1-9]\d*")
_OTHER_SCALARS = frozenset({"yes", "no", "true", "false", "on", "off", "null"})

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """A phone as a dialogue names it."""

    msisdn: str
    dialect: str
    link: str


@dataclass(slots=True)
class Step:
    """A step as it is written: its lines, as names and values, and whose it is."""

    phone: str
    lines: dict[str, str | Mapping[str, Any]] = field(default_factory=dict)


def written(entries: Iterable[Entry], phones: Mapping[str, Heard], dialect: str, *, fresh: bool) -> str:
    """The dialogue. `phones` are those of the bench by identity; `dialect` is what it is played by when none is named.
    Entries of a phone that is there no more are left out."""
    of_these = (entry for entry in entries if not entry["phone"] or entry["phone"] in phones)
    steps = [step for step in list(_steps(of_these)) if step.lines]
    whose = list(dict.fromkeys(step.phone for step in steps if step.phone))
    names = {phone: _name(place) for place, phone in enumerate(whose)}
    lines = ["title: What was recorded"]
    lines += _phones({names[phone]: phones[phone] for phone in whose}, dialect, fresh=fresh)
    lines += ["", "steps:"]
    for step in steps:
        lines += _drawn(step, names[step.phone] if len(whose) > 1 and step.phone else "")
    return "\n".join([*lines, ""])


def _name(place: int) -> str:
    return NAMES[place] if place < len(NAMES) else f"phone {place + 1}"


def _steps(entries: Iterable[Entry]) -> Iterator[Step]:
    """Steps in the order in which they were done. A screen belongs to the deed before it; an SMS is a step of its own,
    since it came when it came."""
    last: dict[str, Step] = {}
    gift_code = ""
    for entry in entries:
        phone, kind = entry["phone"], entry["kind"]
        step = _deed(entry, phone, gift_code)
        if step is not None:
            last[phone] = step
            yield step
        elif kind == "screen" and phone in last:
            last[phone].lines["expect"] = lasting(entry["text"], gift_code)
            last[phone].lines["ends"] = "yes" if entry["ends"] else "no"
        elif kind == "error" and phone in last and {"dial", "answer", "push"} & last[phone].lines.keys():
            _failed(last[phone], on_the_way=entry["on_the_way"])
        elif kind == "sms":
            yield Step(phone, {"expect_sms": lasting(entry["text"], gift_code), "from": entry["from"]})
        if kind == "gift_code":
            gift_code = str(entry["gift_code"])


def _deed(entry: Entry, phone: str, gift_code: str) -> Step | None:
    text = str(entry.get("text", ""))
    match entry["kind"]:
        case "dialled" | "answered" | "operator" | "clock" as kind:
            return Step(phone, {_DEEDS[kind]: _with_code(text, gift_code)})
        case "hung_up":
            return Step(phone, {"hang_up": "yes"})
        case "sms_sent":
            return Step(phone, {"text": _with_code(text, gift_code), "to": str(entry["to"])})
        case "gift_code" | "language" | "network" | "push" as verb:
            return Step(phone, {verb: text})
        case "smsc" | "billing" as other:
            return Step("", {other: entry["orders"]})
        case "store":
            return Step("", {"store": text})
    return None


def _with_code(text: str, gift_code: str) -> str:
    return text.replace(gift_code, f"{{{GIFT_CODE}}}") if gift_code else text


def _failed(step: Step, *, on_the_way: bool) -> None:
    """No screen came. What could not be dialled at all is left out: it never reached the network."""
    if on_the_way:
        step.lines["fails"] = "yes"
    else:
        step.lines.clear()


def lasting(text: str, gift_code: str) -> str:
    """An expected text that holds tomorrow too."""
    return _CHANGES.sub(lambda found: f"{{{found.lastgroup}}}", _with_code(text, gift_code))


def _phones(phones: Mapping[str, Heard], dialect: str, *, fresh: bool) -> list[str]:
    described = {name: _described(phone, dialect, fresh=fresh) for name, phone in phones.items()}
    if list(described.values()) in ([], [FRESH]):
        return []
    return ["phones:", *(f"  {name}: {value}" for name, value in described.items())]


def _described(phone: Heard, dialect: str, *, fresh: bool) -> str:
    number = FRESH if fresh else f'"{phone.msisdn}"'
    said = {"number": number, "dialect": "" if phone.dialect == dialect else phone.dialect, "link": phone.link}
    named = ", ".join(f"{name}: {value}" for name, value in said.items() if value)
    return number if named == f"number: {number}" else f"{{{named}}}"


def _drawn(step: Step, phone: str) -> list[str]:
    said = ({"phone": phone} if phone else {}) | step.lines
    lines = [line for name, value in said.items() for line in _line(name, value)]
    return [f"  - {lines[0]}", *(f"    {line}" if line else "" for line in lines[1:])]


def _line(name: str, value: str | Mapping[str, Any]) -> list[str]:
    if not isinstance(value, str):
        return [f"{name}: {{{', '.join(f'{key}: {json.dumps(one)}' for key, one in value.items())}}}"]
    if name.startswith("expect") and _is_block(value):
        return [f"{name}: |", *(f"  {line}" if line else "" for line in value.split("\n"))]
    return [f"{name}: {value if name in {'ends', 'hang_up', 'fails'} else _scalar(value)}"]


def _is_block(text: str) -> bool:
    """Whether YAML gives a text back as it is when it stands below a `|`: it would take leading spaces for depth, and
    drop empty lines at the end."""
    lines = text.split("\n")
    return lines[0][:1] not in {"", " "} and lines[-1] != "" and all(line.isprintable() for line in lines)


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _OTHER_SCALARS:
        return text
    return json.dumps(text, ensure_ascii=False)

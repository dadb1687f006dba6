"""The shipped keywords with their texts, and a small pack that a test changes in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.datafile.findings import FaultyFileError, Finding
from gateway.outcome import ActionSpec, Fact
from gateway.sms import route_table
from gateway.sms.keywords import Matcher
from gateway.sms.lint import lint
from gateway.sms.texts import text_files
from gateway.templates import Vocabulary

ROOT = Path(__file__).parents[3]
MOST = 9_999_999_999

SMALL = """\
numbers: ["6111", "1414"]
rows:
  - to: "6111"
    keywords: {ru: [Баланс], en: [Balance]}
    call: balance
    reply: points
  - to: ["6111", "1414"]
    keywords: {ru: [Где подарок], en: [Where]}
    call: orders
  - to: any
    keywords: {ru: [Стоп], en: [Stop]}
    call: consent
    arguments: {advertising: withdrawn}
    generous: true
parts:
  orders.list: {ru: 2}
"""

TEXTS = {
    "ru/points.balance": "У вас {{ points | count('points') }}",
    "en/points.balance": "You have {{ points | count('points') }}",
    "ru/orders.list": "{% for item in orders %}{{ item.name }} {% endfor %}",
    "en/orders.list": "{% for item in orders %}{{ item.name }} {% endfor %}",
    "ru/any.blocked": "Нельзя",
    "en/any.blocked": "Not allowed",
    "ru/consent.withdrawn": "Рекламы не будет",
    "en/consent.withdrawn": "No more advertising",
    "ru/help.shown": "Напишите Баланс",
    "en/help.shown": "Text Balance",
    "ru/help.suggested": "Может быть, {{ keyword }} на {{ number }}?",
    "en/help.suggested": "Perhaps {{ keyword }} to {{ number }}?",
}

POINTS: dict[str, Fact] = {"points": MOST, "points_expires_on": "2028-12-31"}


@pytest.fixture(scope="session")
def specs() -> dict[str, ActionSpec]:
    declared = [
        ActionSpec("balance", {"balance": POINTS, "blocked": {}}),
        ActionSpec("orders", {"list": {"orders": [{"name": "cinema"}] * 5}, "blocked": {}}),
        ActionSpec("consent", {"withdrawn": {}}, arguments={"advertising": ("given", "withdrawn")}),
    ]
    return {spec.name: spec for spec in declared}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    points = {
        "ru": {"one": "балл", "few": "балла", "many": "баллов"},
        "en": {"one": "point", "other": "points"},
    }
    return Vocabulary(("ru", "en"), {"points": points}, {}, {"ru": "прочее", "en": "other"})


Files = Callable[..., dict[str, str]]
Check = Callable[..., tuple[Finding, ...]]


@pytest.fixture(scope="session")
def small() -> Files:
    """The files of the small pack, with these texts written anew, or taken out."""

    def files(**texts: str | None) -> dict[str, str]:
        written = {f"texts/{name}.j2": text for name, text in {**TEXTS, **texts}.items() if text is not None}
        return {"sms.yaml": SMALL, **written}

    return files


@pytest.fixture(scope="session")
def found(small: Files, specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Check:
    """What a check finds in the small pack once `old` of its keywords is `new`, and some texts are others."""

    def check(old: str = "", new: str = "", **texts: str | None) -> tuple[Finding, ...]:
        assert old in SMALL, f"the small pack has no {old!r}: correct the test"
        try:
            read = route_table.read("sms.yaml", SMALL.replace(old, new, 1) if old else SMALL)
        except FaultyFileError as error:
            return error.findings
        return lint(read, text_files(small(**texts)), specs, vocabulary)[0]

    return check


@pytest.fixture(scope="session")
def bolshe() -> Matcher:
    """The keywords as they ship."""
    text = (ROOT / "menus/bolshe/sms.yaml").read_text(encoding="utf-8")
    return Matcher(route_table.table(route_table.read("sms.yaml", text).source))

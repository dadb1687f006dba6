"""The shipped menu, and a small menu that a test changes by one line, with the actions and words they need."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.datafile.findings import FaultyFileError, Finding
from gateway.menu import document
from gateway.menu.checks.dial import read_published
from gateway.menu.document import Document
from gateway.menu.lint import lint
from gateway.menu.load import load
from gateway.menu.model import Menu
from gateway.outcome import ActionSpec, Fact
from gateway.templates import Vocabulary
from gateway.ussd.message import Profile

ROOT = Path(__file__).parents[3]
MOST = 9_999_999_999

BALANCE: dict[str, Fact] = {
    "points": MOST,
    "points_expiring": MOST,
    "points_expires_on": "2026-12-31",
    "gift_units": MOST,
    "gift_units_expiring": MOST,
    "gift_units_expires_on": "2026-12-31",
}
MOVEMENT: dict[str, str | int | bool | None] = {
    "on": "2026-12-31", "amount": -MOST, "unit": "gift_units", "reason": "topup",
}  # fmt: skip

SMALL = """\
languages: [ru, en]
start: home
dial:
  "*123#": home
keys:
  back: {key: "0", text: {ru: Назад, en: Back}}
  home: {key: "00", text: {ru: Меню, en: Menu}}
  next: {key: "9", text: {ru: Далее, en: More}}
messages:
  wrong_choice: {ru: Нет такого пункта, en: No such option}
  unavailable: {ru: Попробуйте позже, en: Try later}
  expired: {ru: Время вышло, en: Time is up}
screens:
  home:
    text: {ru: Добро пожаловать, en: Welcome}
    options:
      - {key: "1", text: {ru: Баланс, en: Balance}, go: ask}
      - {key: "2", text: {ru: Купить, en: Buy}, go: buy}
  ask:
    call: balance
    on: {balance: shown, blocked: blocked}
  shown:
    text: {ru: "{{ points | number }}", en: "{{ points | number }}"}
    options:
      - {key: "1", text: {ru: Купить, en: Buy}, go: buy}
  buy:
    call: redeem
    on: {done: bought}
  bought:
    text: {ru: Куплено, en: Bought}
    options:
      - {key: "1", text: {ru: Баланс, en: Balance}, go: ask}
  blocked:
    ends: true
    text: {ru: Нельзя, en: Not allowed}
"""


@pytest.fixture(scope="session")
def specs() -> dict[str, ActionSpec]:
    declared = [
        ActionSpec("balance", {"balance": BALANCE, "blocked": {}}),
        ActionSpec("history", {"history": {"movements": [MOVEMENT] * 5}, "empty": {}, "blocked": {}}),
        ActionSpec("language", {"changed": {}, "blocked": {}}, arguments={"language": ("ru", "en")}),
        ActionSpec("redeem", {"done": {}}, moves_points=True),
    ]
    return {spec.name: spec for spec in declared}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    russian = {"topup": "пополнение", "charge": "списание", "registration": "регистрация", "apology": "извинение",
               "expiry": "сгорание"}  # fmt: skip
    return Vocabulary(
        languages=("ru", "en"),
        units={
            "points": {
                "ru": {"one": "балл", "few": "балла", "many": "баллов"},
                "en": {"one": "point", "other": "points"},
            },
            "gift_units": {
                "ru": {"one": "подарочная единица", "few": "подарочные единицы", "many": "подарочных единиц"},
                "en": {"one": "gift unit", "other": "gift units"},
            },
        },
        labels={reason: {"ru": label, "en": reason} for reason, label in russian.items()},
        other_label={"ru": "прочее", "en": "other"},
    )


@pytest.fixture(scope="session")
def bolshe(specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Menu:
    return load("ussd.yaml", (ROOT / "menus/bolshe/ussd.yaml").read_text(), specs, vocabulary)


@pytest.fixture(scope="session")
def bolshe_document() -> Document:
    return document.read("menus/bolshe/ussd.yaml", (ROOT / "menus/bolshe/ussd.yaml").read_text())


@pytest.fixture(scope="session")
def bolshe_published() -> dict[str, str]:
    return read_published("published.yaml", (ROOT / "menus/bolshe/published.yaml").read_text())


@pytest.fixture(scope="session")
def small(specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Menu:
    return load("small.yaml", SMALL, specs, vocabulary)


Check = Callable[..., tuple[Finding, ...]]


@pytest.fixture(scope="session")
def found(specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Check:
    """What a check finds in the small menu once `old` is written as `new`."""

    def check(
        old: str = "", new: str = "", profile: Profile | None = None, published: dict[str, str] | None = None
    ) -> tuple[Finding, ...]:
        assert old in SMALL, f"the small menu has no {old!r}: correct the test"
        profiles = {"default": profile or Profile()}
        try:
            read = document.read("small.yaml", SMALL.replace(old, new, 1) if old else SMALL)
        except FaultyFileError as error:
            return error.findings
        return lint(read, specs, vocabulary, profiles, {"*123#": "home"} if published is None else published)

    return check

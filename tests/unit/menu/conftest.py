"""A plain menu, and two small ones that a test changes by one line, with the actions and words they need."""

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
from gateway.ussd.message import HopIdentity, Profile

CLUB = (Path(__file__).parent / "club.yaml").read_text(encoding="utf-8")
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

SHOP = """\
languages: [ru, en]
start: home
roaming: accepted
dial:
  "*123#": home
  "*123*7#": code
  "*123*777777#": rewards
  "*123*{gift_code}#": redeem_dialled
  "*9373*{gift_code}#": redeem_dialled
inputs:
  gift_code: {digits: {from: 6, to: 20}}
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
      - {key: "1", text: {ru: Подарки, en: Gifts}, go: rewards}
      - {key: "2", text: {ru: Код, en: Code}, go: code}
  code:
    text: {ru: Введите код, en: Type the code}
    input: {name: gift_code, go: redeem}
  redeem:
    call: redeem
    arguments: {gift_code: "{{ gift_code }}"}
    on: {done: redeemed, refused: refused}
  redeem_dialled:
    call: redeem
    arguments: {gift_code: "{{ gift_code }}"}
    on: {done: redeemed, refused: refused}
  refused:
    text: {ru: Код не подошёл, en: Not accepted}
    input: {name: gift_code, go: redeem}
  redeemed:
    text: {ru: Готово, en: Done}
  rewards:
    call: rewards
    on: {listed: rewards_list}
  rewards_list:
    text: {ru: "Подарки:", en: "Gifts:"}
    each:
      list: rewards
      text: {ru: "{{ item.price | number }} {{ item.title }}", en: "{{ item.price | number }} {{ item.title }}"}
      go: quote
      keep: [reward]
    options:
      - {key: "3", text: {ru: Код, en: Code}, go: code}
  quote:
    call: quote
    arguments: {reward: "{{ reward }}"}
    on: {quoted: quoted, gone: rewards}
  quoted:
    text: {ru: "Отдать {{ price | number }}?", en: "Pay {{ price | number }}?"}
    options:
      - {key: "1", text: {ru: Да, en: "Yes"}, go: exchange, keep: [quote]}
      - {key: "2", text: {ru: Нет, en: "No"}, go: rewards}
  exchange:
    call: exchange
    arguments: {quote: "{{ quote }}", reward: "{{ reward }}", channel: ussd}
    on: {done: exchanged}
  exchanged:
    text: {ru: Подарок ваш, en: It is yours}
    options:
      - {key: "1", text: {ru: Ещё, en: More gifts}, go: rewards}
      - {key: "2", text: {ru: Такой же, en: The same}, go: quote}
"""
"""A menu that asks for a code, lets choose from a list, and confirms."""
SHOP_PUBLISHED = {
    "*123#": "home",
    "*123*7#": "code",
    "*123*777777#": "rewards",
    "*123*{gift_code}#": "redeem_dialled",
    "*9373*{gift_code}#": "redeem_dialled",
}
REWARDS_MAX = 12
REWARD: dict[str, str | int | bool | None] = {"reward": "r" * 12, "title": "Кофе", "price": MOST}


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
def club(specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Menu:
    return load("ussd.yaml", CLUB, specs, vocabulary)


@pytest.fixture(scope="session")
def club_document() -> Document:
    return document.read("ussd.yaml", CLUB)


@pytest.fixture(scope="session")
def club_published() -> dict[str, str]:
    return read_published("published.yaml", '"*123#": home\n"*123*1#": expiry\n"*123*2#": history\n')


@pytest.fixture(scope="session")
def small_text() -> str:
    return SMALL


@pytest.fixture(scope="session")
def small(specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Menu:
    return load("small.yaml", SMALL, specs, vocabulary)


@pytest.fixture(scope="session")
def shop_specs() -> dict[str, ActionSpec]:
    declared = [
        ActionSpec("redeem", {"done": {}, "refused": {}}, arguments={"gift_code": ()}, moves_points=True),
        ActionSpec("rewards", {"listed": {"rewards": [REWARD] * REWARDS_MAX, "story": "s" * 41}}),
        ActionSpec("quote", {"quoted": {"quote": "q" * 20, "price": MOST}, "gone": {}}, arguments={"reward": ()}),
        ActionSpec(
            "exchange",
            {"done": {}},
            arguments={"quote": (), "reward": (), "channel": ("ussd", "sms")},
            moves_points=True,
        ),
    ]
    return {spec.name: spec for spec in declared}


@pytest.fixture(scope="session")
def shop(shop_specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Menu:
    return load("shop.yaml", SHOP, shop_specs, vocabulary)


@pytest.fixture(scope="session")
def shop_document() -> Document:
    return document.read("shop.yaml", SHOP)


Check = Callable[..., tuple[Finding, ...]]
KEYS_AS_WRITTEN = Profile(hop_identity=HopIdentity.HISTORY)


@pytest.fixture(scope="session")
def found(specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Check:
    """What a check finds in the small menu once `old` is written as `new`."""
    return _check("small.yaml", SMALL, specs, vocabulary, {"*123#": "home"})


@pytest.fixture(scope="session")
def found_in(specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Callable[[str], tuple[Finding, ...]]:
    """What a check finds in a menu of its own, with the actions of the small one."""
    return lambda text: _check("small.yaml", text, specs, vocabulary, {"*123#": "home"})()


@pytest.fixture(scope="session")
def found_in_shop(shop_specs: dict[str, ActionSpec], vocabulary: Vocabulary) -> Check:
    """What a check finds in the shop once `old` is written as `new`."""
    return _check("shop.yaml", SHOP, shop_specs, vocabulary, SHOP_PUBLISHED)


def _check(
    file: str, text: str, specs: dict[str, ActionSpec], vocabulary: Vocabulary, printed: dict[str, str]
) -> Check:
    def check(
        old: str = "", new: str = "", profile: Profile | None = None, published: dict[str, str] | None = None
    ) -> tuple[Finding, ...]:
        assert old in text, f"{file} has no {old!r}: correct the test"
        profiles = {"default": profile or KEYS_AS_WRITTEN}
        try:
            read = document.read(file, text.replace(old, new, 1) if old else text)
        except FaultyFileError as error:
            return error.findings
        return lint(read, specs, vocabulary, profiles, printed if published is None else published)

    return check

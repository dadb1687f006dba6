"""Which text is said, and that the same facts make the same letters."""

from collections.abc import Callable, Mapping

import pytest

from gateway.outcome import Fact
from gateway.pack import Pack
from gateway.sms.texts import Texts, text_files
from gateway.templates import Vocabulary
from gateway.text.segments import Encoding, measure

Files = Callable[..., dict[str, str]]

RICH: Mapping[str, Fact] = {
    "points": 1_000, "points_expiring": 500, "points_expires_on": "2026-12-31",
    "gift_units": 5, "gift_units_expiring": 1, "gift_units_expires_on": "2026-12-31",
}  # fmt: skip
LASTING: Mapping[str, Fact] = {**RICH, "points_expires_on": None, "gift_units_expires_on": None}
MOVEMENTS: Mapping[str, Fact] = {
    "movements": [
        {"on": "2026-11-02", "amount": -20, "unit": "points", "reason": "charge"},
        {"on": "2026-11-01", "amount": 5, "unit": "gift_units", "reason": "registration"},
    ]
}


@pytest.mark.parametrize(
    ("reply", "outcome", "language", "facts", "said"),
    [
        ("points", "balance", "ru", RICH, "У вас 1 000 баллов, из них 500 до 31.12.26"),
        ("points", "balance", "en", RICH, "You have 1,000 points, 500 of them valid till 31 Dec 26"),
        ("points", "balance", "ru", LASTING, "У вас 1 000 баллов"),
        ("gift_units", "balance", "ru", RICH, "5 подарочных единиц, из них 1 до 31.12.26"),
        ("gift_units", "balance", "en", LASTING, "You have 5 gift units"),
        ("history", "history", "ru", MOVEMENTS, "02.11.26 -20 услуги\n01.11.26 +5 подарочных единиц подарок за вход"),
        ("history", "history", "en", MOVEMENTS, "2 Nov 26 -20 services\n1 Nov 26 +5 gift units welcome gift"),
        ("help", "suggested", "en", {"keyword": "Balance", "number": "6111"},
         "Did you mean Balance? Please text it to 6111"),
    ],
)  # fmt: skip
def test_what_subscribers_of_the_shipped_pack_read(
    pack: Pack, reply: str, outcome: str, language: str, facts: Mapping[str, Fact], said: str
) -> None:
    assert pack.sms is not None
    assert pack.sms.texts.fill(reply, outcome, language, facts) == said


def test_english_texts_stay_in_the_cheap_alphabet(pack: Pack) -> None:
    assert pack.sms is not None
    for reply in ("points", "gift_units"):
        assert measure(pack.sms.texts.fill(reply, "balance", "en", RICH)).encoding is Encoding.GSM7
    assert measure(pack.sms.texts.fill("history", "history", "en", MOVEMENTS)).encoding is Encoding.GSM7


@pytest.mark.parametrize(
    ("outcome", "language", "said"),
    [
        pytest.param("blocked", "ru", "Нельзя", id="a text that all replies share"),
        pytest.param("balance", "en", "You have 1 point", id="a text of its own"),
        pytest.param("balance", "kk", "У вас 1 балл", id="a language that the pack does not speak"),
    ],
)
def test_which_text_is_said(small: Files, vocabulary: Vocabulary, outcome: str, language: str, said: str) -> None:
    texts = Texts(text_files(small()), vocabulary)
    assert texts.fill("points", outcome, language, {"points": 1}) == said


def test_a_text_of_its_own_comes_before_the_shared_one(small: Files, vocabulary: Vocabulary) -> None:
    own = {"ru/points.blocked": "Баллы недоступны", "en/points.blocked": "No points"}
    texts = Texts(text_files(small(**own)), vocabulary)
    assert texts.fill("points", "blocked", "en", {}) == "No points"
    assert texts.fill("orders", "blocked", "en", {}) == "Not allowed"

"""A programme's file is read whole or refused with every fault by its place."""

import json
from typing import Any

import pytest

from gateway.datafile.findings import FaultyFileError
from gateway.errors import ConfigurationError
from gateway.loyalty.programme import AMOUNT_MAX, PARTNERS_MAX, RULES_MAX, SEGMENTS_MAX, STEPS_MAX, TIERS_MAX
from gateway.loyalty.programme_file import load


def programme(**changes: Any) -> dict[str, Any]:
    """A whole programme; `changes` replaces its parts."""
    whole: dict[str, Any] = {
        "name": {"ru": "Проба", "en": "Trial"},
        "time_zone": "Europe/Moscow",
        "languages": ["ru", "en"],
        "enrolment": "automatic",
        "terms": {"version": "1"},
        "advertising": {"version": "1"},
        "other_label": {"ru": "прочее", "en": "other"},
        "units": {"points": unit()},
        "earning": [rule()],
    }
    return whole | changes


NAMES = {"ru": {"one": "балл", "few": "балла", "many": "баллов"}, "en": {"one": "point", "other": "points"}}


def test_a_stored_programme_that_never_asked_for_consent_loads() -> None:
    stored = {key: value for key, value in programme().items() if key != "advertising"}
    assert load("programme.yaml", text_of(stored)) == load("programme.yaml", text_of(programme()))


def unit(**names: Any) -> dict[str, Any]:
    """A unit; `names` replaces the forms of a language, or takes the language out."""
    return {"names": {language: forms for language, forms in (NAMES | names).items() if forms is not None}}


def rule(**changes: Any) -> dict[str, Any]:
    whole = {"rule": "charge", "label": {"ru": "р", "en": "r"}, "event": "charge", "unit": "points", "give": 1}
    return {key: value for key, value in (whole | changes).items() if value is not None}


def partner(code: str) -> dict[str, Any]:
    return {"partner": code, "label": {"ru": "Лавка", "en": "Shop"}}


def steps(count: int) -> list[dict[str, int]]:
    return [{"from": start, "percent": 1} for start in range(count)]


def codes(count: int) -> list[str]:
    return [f"code_{ordinal}" for ordinal in range(count)]


def text_of(value: dict[str, Any]) -> str:
    """JSON is YAML too, and knows no aliases."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def refused(text: str) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        load("programme.yaml", text)
    return str(refusal.value)


def place_of(text: str, *path: str) -> int:
    """The line on which the last word of `path` stands, looked for after the words before it."""
    lines = text.splitlines()
    line = 0
    for word in path:
        line += next(number for number, each in enumerate(lines[line:], 1) if f'"{word}"' in each)
    return line


@pytest.mark.parametrize(
    ("changes", "key", "says"),
    [
        pytest.param({"time_zone": "Moscow"}, "time_zone", "'Moscow' is no time zone", id="no such zone"),
        pytest.param({"time_zone": "../etc/passwd"}, "time_zone", "is no time zone", id="a zone that is a path"),
        pytest.param(
            {"name": {"ru": "Проба"}}, "name.en", "no text in 'en': write what the others say: Проба", id="no name"
        ),
        pytest.param({"name": {"ru": "", "en": "x"}}, "name.ru", "is empty: write a text", id="an empty name"),
        pytest.param({"name": "Проба"}, "name", "must hold lines of `key: value`", id="a name in one language"),
        pytest.param({"other_label": {"ru": "прочее"}}, "other_label.en", "no text in 'en'", id="no word for the rest"),
        pytest.param(
            {"other_label": {"ru": "прочее", "en": "other", "de": "x"}},
            "other_label.de",
            "'de' is not among the programme's `languages`",
            id="a language too many",
        ),
        pytest.param({"languages": ["ru", "en", "ru"]}, "languages.2", "'ru' is listed twice", id="a language twice"),
        pytest.param({"segments": ["vip", "new", "vip"]}, "segments.2", "'vip' is listed twice", id="a segment twice"),
        pytest.param({"tiers": ["gold", "gold"]}, "tiers.1", "'gold' is listed twice", id="a tier twice"),
        pytest.param({"tiers": ["gold", "none"]}, "tiers.1", "what commands say for no tier", id="a tier called none"),
        pytest.param({"segments": ["VIP"]}, "segments.0", "small Latin letters", id="a segment that is no code"),
        pytest.param({"segments": codes(SEGMENTS_MAX + 1)}, "segments", "at most 50", id="a segment too many"),
        pytest.param({"tiers": codes(TIERS_MAX + 1)}, "tiers", "at most 10", id="a tier too many"),
        pytest.param({"languages": ["ru", "xx"]}, "languages.1", "'xx' is not a language code", id="no language code"),
        pytest.param({"languages": []}, "languages", "needs at least 1: add one", id="no language"),
        pytest.param({"units": {}}, "units", "needs at least 1: add one", id="no unit"),
        pytest.param({"units": {"points": unit(en=None)}}, "units.points.names.en", "no text in", id="no unit's name"),
        pytest.param(
            {"units": {"points": unit(ru={"one": "балл", "many": "баллов"})}},
            "units.points.names.ru.few",
            "the plural form 'few' is missing: add it",
            id="a plural form missing",
        ),
        pytest.param(
            {"units": {"points": unit(en=NAMES["en"] | {"meny": "points"})}},
            "units.points.names.en.meny",
            "is no plural form in 'en': there are: one, other",
            id="a plural form misspelled",
        ),
        pytest.param(
            {"units": {"points": unit(), "gift-units": unit()}},
            "units.gift-units",
            "must be a code of small Latin letters",
            id="a unit that no text could name",
        ),
        pytest.param({"earning": [rule(label={"en": "r"})]}, "earning.0.label.ru", "no text in 'ru'", id="no label"),
        pytest.param({"earning": [rule(), rule()]}, "earning.1.rule", "'charge' is written twice", id="a rule twice"),
        pytest.param(
            {"earning": [rule(unit="miles")]},
            "earning.0.unit",
            "there is no unit 'miles': there are: points",
            id="no such unit",
        ),
        pytest.param(
            {"earning": [rule(event="sneeze")]}, "earning.0.event", "must be 'top_up', 'charge'", id="no such event"
        ),
        pytest.param({"earning": [rule(give=None)]}, "earning.0", "gives nothing", id="a rule that gives nothing"),
        pytest.param({"earning": [rule(steps=steps(1))]}, "earning.0.steps", "either `give` or `steps`", id="both"),
        pytest.param(
            {"earning": [rule(give=None, steps=steps(1), per=1)]}, "earning.0.per", "goes with `give`", id="per steps"
        ),
        pytest.param(
            {"earning": [rule(give=None, steps=steps(2)[::-1])]},
            "earning.0.steps.1.from",
            "in ascending order",
            id="steps that descend",
        ),
        pytest.param(
            {"earning": [rule(give=None, steps=steps(1) * 2)]},
            "earning.0.steps.1.from",
            "more than the step before",
            id="a step twice",
        ),
        pytest.param(
            {"earning": [rule(give=None, steps=steps(STEPS_MAX + 1))]},
            "earning.0.steps",
            f"at most {STEPS_MAX} are allowed",
            id="too many steps",
        ),
        pytest.param({"earning": [rule(give=0)]}, "earning.0.give", "must be 1 or more", id="gives nothing"),
        pytest.param(
            {"earning": [rule(give=AMOUNT_MAX + 1)]}, "earning.0.give", f"must be {AMOUNT_MAX} or less", id="too much"
        ),
        pytest.param({"earning": [rule(per=0)]}, "earning.0.per", "must be 1 or more", id="per nothing"),
        pytest.param({"earning": [rule(give=1.5)]}, "earning.0.give", "a whole number", id="a fraction"),
        pytest.param({"earning": [rule(once="maybe")]}, "earning.0.once", "must be true or false", id="once, perhaps"),
        pytest.param(
            {"earning": [rule(starts="2026-12-01T00:00:00")]},
            "earning.0.starts",
            "with its offset: write it as 2026-12-01T00:00:00+03:00",
            id="a start with no zone",
        ),
        pytest.param(
            {"earning": [rule(starts="2026-12-02T00:00:00+03:00", ends="2026-12-01T00:00:00+03:00")]},
            "earning.0.ends",
            "ends before it starts",
            id="an end before the start",
        ),
        pytest.param(
            {"earning": [rule(event="activated", per=100)]},
            "earning.0.per",
            "'activated' comes without an amount",
            id="an event that has no amount",
        ),
        pytest.param(
            {"earning": [rule(event="unblocked", give=None, steps=steps(1))]},
            "earning.0.steps",
            "'unblocked' comes without an amount",
            id="steps of an event that has no amount",
        ),
        pytest.param(
            {"earning": [rule(event="purchase")]}, "earning.0.event", "list `partners`", id="purchases at nobody's"
        ),
        pytest.param(
            {"partners": [partner("shop")], "earning": [rule(event="purchase", partner="shoe")]},
            "earning.0.partner",
            "there is no partner 'shoe': did you mean 'shop'? there are: shop",
            id="no such partner",
        ),
        pytest.param(
            {"partners": [partner("shop")], "earning": [rule(partner="shop")]},
            "earning.0.partner",
            "'charge' does not happen at a partner's",
            id="a charge at a partner's",
        ),
        pytest.param(
            {"partners": [partner("shop"), partner("shop")]},
            "partners.1.partner",
            "'shop' is listed twice",
            id="a partner twice",
        ),
        pytest.param(
            {"partners": [partner("shop") | {"label": {"en": "Shop"}}]},
            "partners.0.label.ru",
            "no text in 'ru'",
            id="a partner without a word",
        ),
        pytest.param(
            {"partners": [partner(f"shop_{place}") for place in range(PARTNERS_MAX + 1)]},
            "partners",
            f"at most {PARTNERS_MAX} are allowed",
            id="too many partners",
        ),
        pytest.param({"earning": [rule(rule="Charge it")]}, "earning.0.rule", "must be a code", id="a rule's name"),
        pytest.param({"earning": [rule(rul="x")]}, "earning.0.rul", "is no key of a programme", id="an unknown key"),
    ],
)
def test_one_fault_is_one_finding_at_its_place(changes: dict[str, Any], key: str, says: str) -> None:
    text = text_of(programme(**changes))
    with pytest.raises(FaultyFileError) as refusal:
        load("programme.yaml", text)
    (finding,) = refusal.value.findings
    assert finding.key == key
    assert says in str(finding)
    assert str(finding).startswith(f"programme.yaml:{finding.line}: error: {key}: ")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"units": {"points": unit(ru={"one": "б", "many": "б"})}}, ("units", "ru"), id="a plural form"),
        pytest.param({"earning": [rule(), rule(rule="x_2", unit="miles")]}, ("x_2", "unit"), id="a rule's unit"),
        pytest.param({"earning": [rule(per=5, event="blocked")]}, ("earning", "per"), id="a rule's key"),
    ],
)
def test_a_fault_is_told_on_its_line(changes: dict[str, Any], path: tuple[str, ...]) -> None:
    text = text_of(programme(**changes))
    assert refused(text).startswith(f"programme.yaml:{place_of(text, *path)}: error: ")


def test_all_faults_are_named_at_once() -> None:
    message = refused(text_of(programme(name={"ru": "Проба"}, earning=[rule(unit="miles"), rule()])))
    assert [key in message for key in ("name.en: ", "earning.0.unit: ", "earning.1.rule: ")] == [True] * 3
    assert len(message.splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: [", "a bracket", id="broken"),
        pytest.param("", "the file is empty: copy the programme of a shipped pack", id="empty"),
        pytest.param("# nothing yet\n", "the file is empty", id="only a comment"),
        pytest.param("- a", "must hold lines", id="a list"),
    ],
)
def test_what_is_no_programme_at_all(text: str, says: str) -> None:
    assert says in refused(text)


def test_as_much_as_a_programme_may_hold() -> None:
    rules = [rule(rule=f"rule_{number}", give=None, steps=steps(STEPS_MAX)) for number in range(RULES_MAX)]
    loaded = load("programme.yaml", text_of(programme(earning=rules)))
    assert len(loaded.earning) == RULES_MAX
    one_more = [*rules, rule(rule="one_more")]
    assert "earning" in refused(text_of(programme(earning=one_more)))


def test_what_others_read_of_it() -> None:
    loaded = load("programme.yaml", text_of(programme(units={"points": unit(), "stars": unit()})))
    assert loaded.unit_codes == ("points", "stars")
    assert loaded.units["points"].name_length_max == len("points")
    assert loaded.labels == {"charge": {"ru": "р", "en": "r"}}
    assert str(loaded.zone) == "Europe/Moscow"

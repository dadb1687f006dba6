"""A programme's file is read whole or refused with every fault by its place."""

import json
import re
from typing import Any

import pytest

from gateway.errors import ConfigurationError
from gateway.loyalty.programme import RULES_MAX, STEPS_MAX, load


def programme(**changes: Any) -> dict[str, Any]:
    """A whole programme; `changes` replaces its parts."""
    whole: dict[str, Any] = {
        "name": {"ru": "Проба", "en": "Trial"},
        "time_zone": "Europe/Moscow",
        "languages": ["ru", "en"],
        "enrolment": "automatic",
        "terms": {"version": "1"},
        "units": {"points": {"names": {"ru": {"other": "балла"}, "en": {"other": "points"}}}},
        "earning": [rule()],
    }
    return whole | changes


def rule(**changes: Any) -> dict[str, Any]:
    whole = {"rule": "charge", "label": {"ru": "р", "en": "r"}, "event": "charge", "unit": "points", "give": 1}
    return {key: value for key, value in (whole | changes).items() if value is not None}


def steps(count: int) -> list[dict[str, int]]:
    return [{"from": start, "percent": 1} for start in range(count)]


def text_of(value: dict[str, Any]) -> str:
    """JSON is YAML too, and knows no aliases."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def refused(text: str) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        load("programme.yaml", text)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"time_zone": "Moscow"}, "time_zone: Value error, 'Moscow' is no time zone", id="no such zone"),
        pytest.param({"time_zone": "../etc/passwd"}, "is no time zone", id="a zone that is a path"),
        pytest.param({"name": {"ru": "Проба"}}, "name: languages ['en', 'ru'] are wanted, ['ru'] are", id="no name"),
        pytest.param(
            {"units": {"points": {"names": {"ru": {"other": "балла"}}}}}, "unit points: languages", id="no unit's name"
        ),
        pytest.param({"earning": [rule(label={"en": "r"})]}, "rule charge: label: languages", id="no label"),
        pytest.param({"earning": [rule(), rule()]}, "rule charge stands twice", id="a rule twice"),
        pytest.param(
            {"earning": [rule(unit="miles")]}, "rule charge: no unit 'miles'; there are points", id="no such unit"
        ),
        pytest.param({"earning": [rule(event="sneeze")]}, "earning.0.event", id="no such event"),
        pytest.param({"earning": [rule(give=None)]}, "either `give`", id="a rule that gives nothing"),
        pytest.param({"earning": [rule(steps=steps(1))]}, "either `give`", id="both kinds"),
        pytest.param({"earning": [rule(give=None, steps=steps(1), per=1)]}, "`per` goes with `give`", id="per steps"),
        pytest.param({"earning": [rule(give=None, steps=steps(2)[::-1])]}, "`steps` ascend", id="steps that descend"),
        pytest.param({"earning": [rule(give=None, steps=steps(1) * 2)]}, "each `from` once", id="a step twice"),
        pytest.param(
            {"earning": [rule(give=None, steps=steps(STEPS_MAX + 1))]}, "earning.0.steps", id="too many steps"
        ),
        pytest.param({"earning": [rule(give=0)]}, "earning.0.give", id="gives nothing"),
        pytest.param({"earning": [rule(per=0)]}, "earning.0.per", id="per nothing"),
        pytest.param({"earning": [rule(give=1.5)]}, "earning.0.give", id="a fraction"),
        pytest.param({"earning": [rule(starts="2026-12-01T00:00:00")]}, "earning.0.starts", id="a start with no zone"),
        pytest.param({"earning": [rule(rule="Charge it")]}, "earning.0.rule", id="a rule's name with a space"),
        pytest.param({"earning": [rule(rul="x")]}, "earning.0.rul: is no key", id="an unknown key"),
        pytest.param({"languages": []}, "languages", id="no language"),
        pytest.param({"units": {}}, "units", id="no unit"),
    ],
)
def test_a_fault_is_named_with_its_place(changes: dict[str, Any], says: str) -> None:
    message = refused(text_of(programme(**changes)))
    assert re.match(r"programme\.yaml:\d+: error: ", message)
    assert says in message


def test_all_faults_are_named_at_once() -> None:
    message = refused(text_of(programme(name={"ru": "Проба"}, earning=[rule(unit="miles"), rule()])))
    assert [word in message for word in ("name: languages", "no unit 'miles'", "stands twice")] == [True] * 3


@pytest.mark.parametrize(
    ("text", "says"),
    [pytest.param("a: [", "not YAML", id="broken"), pytest.param("", "programme", id="empty")],
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
    names = {"ru": {"one": "балл", "other": "балла"}, "en": {"other": "points"}}
    units = {"points": {"names": names}, "stars": {"names": names}}
    loaded = load("programme.yaml", text_of(programme(units=units)))
    assert loaded.unit_codes == ("points", "stars")
    assert loaded.units["points"].name_length_max == len("points")
    assert loaded.labels == {"charge": {"ru": "р", "en": "r"}}
    assert str(loaded.zone) == "Europe/Moscow"

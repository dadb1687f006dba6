"""The bench and its journal: four phones, what is noted of them, and when they are put away."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.deployment import Access, Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.dialogue import load_text
from simulator.errors import GatewayDownError, NotPlayableError, PhraseError, SimulatorError
from simulator.network import State
from simulator.play import play
from simulator.web import journal
from simulator.web.bench import IDLE_S, PHONES_MAX, Bench, NoSuchPhoneError
from simulator.web.journal import Journal
from simulator.world import World
from tests.unit.simulator.conftest import Application
from tests.unit.simulator.responder import Responder

NUMBER = "+79210000001"


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bench(alone: World, clock: Clock) -> Bench:
    return Bench(alone, DIALECT, clock)


@pytest.fixture
def texting(world: World, responder: Responder) -> Bench:
    """A bench whose phones can text."""
    responder.answers["Баланс"] = ("У вас 500 баллов",)
    return Bench(world, DIALECT)


def noted(bench: Bench) -> list[str]:
    return [str(entry["kind"]) for entry in bench.journal.after(0)]


def test_four_phones_have_room(bench: Bench) -> None:
    for place in range(PHONES_MAX):
        bench.add(f"+7921000000{place}")
    with pytest.raises(NotPlayableError, match="4 handsets are the most"):
        bench.add("+79210000009")
    bench.remove("1")
    assert bench.add("+79210000009").identity == "5"


@pytest.mark.parametrize("number", ["", "79210000001", "+7", "+7921abc", "*123#"])
def test_what_is_no_number_gets_no_phone(bench: Bench, number: str) -> None:
    with pytest.raises(PhraseError, match="is no number"):
        bench.add(number)


def test_a_number_is_in_one_phone(bench: Bench) -> None:
    bench.add(NUMBER)
    with pytest.raises(NotPlayableError, match="in another handset"):
        bench.add(NUMBER)


def test_a_phone_that_was_put_away_is_gone_with_its_session_and_its_notes(
    bench: Bench, application: Application
) -> None:
    phone = bench.add(NUMBER)
    phone.dial("*123#")
    bench.remove(phone.identity)
    assert application.field("status") == "Incomplete"
    assert noted(bench) == []
    with pytest.raises(NoSuchPhoneError):
        bench.phone(phone.identity)


def test_phones_are_put_away_when_nobody_looks(bench: Bench, clock: Clock) -> None:
    bench.add(NUMBER)
    clock.now = IDLE_S
    bench.heard()
    assert list(bench.phones) == ["1"]
    clock.now += IDLE_S + 1
    bench.heard()
    assert list(bench.phones) == []


def test_a_hop_is_noted_as_it_was_on_the_wire(bench: Bench, application: Application) -> None:
    phone = bench.add(NUMBER)
    phone.dial("*123#")
    phone.hang_up()
    dialled, hop, screen, hung_up, goodbye = bench.journal.after(0)
    assert (dialled["text"], hung_up["kind"]) == ("*123#", "hung_up")
    assert isinstance(hop["request"], dict)
    assert hop["request"]["body"] == application.heard[0].body
    assert isinstance(hop["response"], dict)
    assert (hop["response"]["status"], hop["response"]["body"]) == (200, "CON Привет\n1 Дальше")
    assert hop["response"]["content_type"] == "text/plain; charset=utf-8"
    assert screen["gauge"] == {
        "words": "15/80 UCS-2",
        "length": 15,
        "length_max": 80,
        "fits": True,
        "parts": None,
        "forces": "П",
    }
    assert isinstance(goodbye["request"], dict)
    assert goodbye["request"]["path"] == "/ussd/africastalking/events"


def test_trouble_is_noted_and_raised(bench: Bench, application: Application) -> None:
    application.screens = {}
    with pytest.raises(SimulatorError, match="HTTP 500"):
        bench.add(NUMBER).dial("*123#")
    assert noted(bench) == ["dialled", "hop", "hop", "error"]


def test_a_gateway_that_is_away_is_noted_without_a_response(alone: World) -> None:
    with Deployment(Access("http://127.0.0.1:9")) as deployment:
        bench = Bench(World(deployment, alone.network, alone.billing), DIALECT)
        with pytest.raises(GatewayDownError):
            bench.add(NUMBER).dial("*123#")
    hop = bench.journal.after(0)[1]
    assert hop["response"] is None
    assert "no gateway answers" in str(hop["error"])


def test_what_the_operator_does_is_noted(bench: Bench, application: Application) -> None:
    phone = bench.add(NUMBER)
    phone.tell("top-up 500 roubles")
    bench.around.advance("3 days")
    assert bench.around.advance("0 seconds") == "2026-12-31T21:00:00+00:00"
    assert application.advanced_s == 3 * 24 * 3600
    assert [entry["text"] for entry in bench.journal.after(0)] == ["top-up 500 roubles", "3 days"]


def test_a_language_that_was_chosen_before_a_recording_is_its_first_step(
    bench: Bench, application: Application
) -> None:
    bench.add(NUMBER, language="en")
    bench.record(fresh=True)
    [phone] = bench.phones.values()
    assert phone.msisdn != NUMBER
    phone.dial("*123#")
    phone.choose_language("ru")
    dialogue = load_text(bench.stop_recording(), Path("recorded.yaml"))
    assert [(step.verb, step.language) for step in dialogue.steps] == [
        ("language", "en"), ("dial", None), ("language", "ru"),
    ]  # fmt: skip
    del application.heard[:]
    assert play(dialogue, bench.world, DIALECT).passed
    told = [json.loads(one.body)["language"] for one in application.heard if one.path == "/v1/members/language"]
    assert told == ["en", "ru"]


def test_a_gateway_that_tells_no_languages_offers_none(bench: Bench, application: Application) -> None:
    application.languages_status = 403
    bench.look()
    assert (bench.news(0)["languages"], bench.news(0)["partners"]) == ([], [])


def test_without_an_smsc_phones_dial_and_the_page_is_told(bench: Bench) -> None:
    bench.add(NUMBER).dial("*123#")
    bench.look()
    assert "no SMSC answers" in str(bench.news(0)["sms_trouble"])


def test_texts_and_their_pdus_arrive_once(texting: Bench, responder: Responder) -> None:
    phone = texting.add("+79210000077")
    texting.look()
    phone.text("6111", "Баланс")
    while "sms" not in noted(texting):
        texting.look()
    for _ in range(3):
        texting.look()
    assert noted(texting).count("sms") == 1
    [sms] = [entry for entry in texting.journal.after(0) if entry["kind"] == "sms"]
    assert (sms["from"], sms["text"]) == ("6111", "У вас 500 баллов")
    pdus = {str(entry["pdu"]) for entry in texting.journal.after(0) if entry["kind"] == "pdu"}
    assert {"DeliverSm", "SubmitSm"} <= pdus


def test_a_phone_that_comes_back_finds_its_texts(texting: Bench, responder: Responder) -> None:
    number = "+79210000078"
    responder.tell(number, "Welcome")
    while not texting._network.inbox(number):
        pass
    texting.add(number)
    assert noted(texting) == ["sms"]
    texting.look()
    assert noted(texting) == ["sms"]


def test_an_smsc_that_was_started_again_is_read_from_its_beginning(
    texting: Bench, responder: Responder, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = "+79210000079"
    texting.add(number)
    monkeypatch.setattr(texting._network, "state", lambda: State(900_000, 900_000, 0, {}))
    texting.look()
    responder.tell(number, "Welcome")
    while not texting._network.inbox(number):
        pass
    monkeypatch.undo()
    texting.look()
    assert "sms" in noted(texting)


def test_the_journal_keeps_so_many_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT_MAX", 3)
    kept = Journal()
    for number in range(4):
        kept.note("1", "dialled", {"text": str(number)})
    assert [entry["text"] for entry in kept.after(0)] == ["1", "2", "3"]
    assert [entry["number"] for entry in kept.after(3)] == [4]


def test_a_story_is_recorded_on_numbers_without_a_past(bench: Bench) -> None:
    bench.add(NUMBER)
    bench.record(fresh=True)
    (phone,) = bench.phones.values()
    assert phone.msisdn != NUMBER
    with pytest.raises(NotPlayableError, match="records already"):
        bench.record(fresh=True)
    phone.dial("*123#")
    assert '- dial: "*123#"' in bench.stop_recording()
    phone.hang_up()
    with pytest.raises(NotPlayableError, match="press Record"):
        bench.stop_recording()


def test_a_story_may_keep_its_numbers(bench: Bench) -> None:
    bench.add(NUMBER).dial("*123#")
    bench.record(fresh=False)
    bench.phone("1").dial("*123*1#")
    text = bench.stop_recording()
    assert f'Anna: "{NUMBER}"' in text
    assert "*123#" not in text, "what was before is not of it"


def test_a_story_whose_beginning_is_lost_is_none(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT_MAX", 4)
    bench.journal = Journal()
    bench.record(fresh=True)
    for _ in range(9):
        bench.journal.note("1", "dialled", {"text": "*123#"})
    with pytest.raises(NotPlayableError, match="record a shorter story"):
        bench.stop_recording()

"""Every dialect against a real gateway with real stores: the same screens, whatever the network repeats or tells."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from gateway.ussd.message import HopIdentity
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.deployment import Deployment
from simulator.dialects import dialect, names
from simulator.handset import Handset
from simulator.mailbox import Mailbox
from simulator.over_smpp import PREFIX
from simulator.phrases import happening
from simulator.world import World

OVER_HTTP = [name for name in names() if not name.startswith(PREFIX)]
"""Over SMPP a network repeats nothing that was acknowledged: dialogues break its lines instead."""
OVER_HTTP_ONLY = pytest.mark.parametrize("name", OVER_HTTP)
UNSURE = [name for name in OVER_HTTP if dialect(name).profile.hop_identity is HopIdentity.NONE]
"""What nothing tells from a new key is a repeat only within a moment."""
SURE = [name for name in OVER_HTTP if name not in UNSURE]


def tells_end(name: str) -> bool:
    """Whether the gateway says so when a subscriber leaves."""
    call = Call(dialect(name).new_session_id(lambda bits: 1), "+79210000001", "*123#", ())
    return dialect(name).closed(Closed(call, Closing.BY_SUBSCRIBER, datetime.now(UTC), 0.0)) is not None


TELLS_END = [*filter(tells_end, OVER_HTTP), "smpp_sixdee", "smpp_tata"]
WALKS: dict[str, tuple[str, ...]] = {
    "*123#": ("1", "0", "2", "0", "4", "00", "7", "", "ы", "3", "1", "00", "3"),
    "*123*1#": ("0", "5", "1", "1", "1", "0"),
    "*123#5#1#1#": ("1", "00"),
    "*123*5*1*1*1#": ("1", "0", "00", "5"),
    "*123*7*7#": (),
    "*9373*123456#": ("00",),
    "*123*123456#": ("0", "5", "2", "123456", "00"),
    "*777*1#": ("0",),
}
"""What is dialled, and what is pressed then: every kind of screen, wrong keys, and an exchange."""
ORDER = re.compile(r"заказ \d+")
CONFIRM = re.compile(r"\d+ Обменять$", re.MULTILINE)
"""Its key is another where a repeated hop cannot be told from a new one."""
EXCHANGE = ("5", "1", "1", "1", "1")
SMS_WITHIN_S = 20.0
WALKERS = 6
"""Who walk at once: some read a screen before they press on, and the machine has other work."""

_numbers = count(79218880000)


@pytest.fixture
def number() -> str:
    return f"+{next(_numbers)}"


def drawing(number: str) -> Callable[[int], int]:
    """Chance that draws the same for one phone, and so makes the same session id again."""
    return lambda bits: int(number) % 2**bits


def with_points(gateway: Deployment, number: str) -> str:
    """A phone with three thousand points."""
    gateway.tell(number, happening("top-up 1000 roubles"))
    return number


def walked(handset: Handset, dialled: str, keys: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Every screen of a session, without the numbers of orders, and whether it was the last."""
    screens = [handset.dial(dialled), *map(handset.answer, keys)]
    handset.hang_up()
    return [(CONFIRM.sub("* Обменять", ORDER.sub("заказ", screen.text)), screen.ends) for screen in screens]


def exchanged(handset: Handset) -> str:
    """Dial, choose a reward and confirm it; the last screen."""
    handset.dial("*123#")
    for key in EXCHANGE[:-1]:
        shown = handset.answer(key)
    confirm = CONFIRM.search(shown.text)
    assert confirm is not None, shown.text
    return handset.answer(confirm[0].split()[0]).text


@pytest.mark.parametrize("dialled", WALKS)
def test_every_dialect_shows_the_same_screens(world: World, dialled: str) -> None:
    phones = {name: with_points(world.deployment, f"+{next(_numbers)}") for name in names()}

    def seen(name: str) -> list[tuple[str, bool]]:
        return walked(Handset(phones[name], dialect(name), world.send), dialled, WALKS[dialled])

    with ThreadPoolExecutor(WALKERS) as together:
        screens = dict(zip(phones, together.map(seen, phones), strict=True))
    for name in names():
        assert screens[name] == screens["africastalking"], name


def balance(handset: Handset) -> str:
    """What the first screen of a session of its own says."""
    shown = handset.dial("*123#").text.replace("\u00a0", " ")
    handset.hang_up()
    return shown


class Echoing:
    """A network that sends every request twice, and remembers what it sent."""

    def __init__(self, send: Callable[[Message], Answer]) -> None:
        self._send = send
        self.sent: list[tuple[Message, Answer]] = []

    def __call__(self, message: Message) -> Answer:
        first, second = self._send(message), self._send(message)
        assert (second.status, second.body) == (first.status, first.body)
        self.sent.append((message, first))
        return second


@OVER_HTTP_ONLY
def test_a_network_that_repeats_everything_moves_points_once(world: World, number: str, name: str) -> None:
    handset = Handset(with_points(world.deployment, number), dialect(name), Echoing(world.send))
    assert "заказ" in exchanged(handset)
    assert "У вас 2 700 баллов" in handset.answer("00").text.replace("\u00a0", " ")


@pytest.mark.parametrize("name", SURE)
def test_late_copies_of_earlier_hops_move_nobody(world: World, number: str, name: str) -> None:
    network = Echoing(world.send)
    handset = Handset(with_points(world.deployment, number), dialect(name), network)
    handset.dial("*123#")
    for key in EXCHANGE[:-1]:
        shown = handset.answer(key)
    for message, _ in network.sent[:-1]:
        again = world.send(message)
        assert dialect(name).read(again) == (shown.text, False), "the screen that stands now"
    assert "заказ" in handset.answer(EXCHANGE[-1]).text
    for message, _ in network.sent[:-1]:
        world.send(message)
    assert "У вас 2 700 баллов" in handset.answer("00").text.replace("\u00a0", " ")


@pytest.mark.parametrize("name", UNSURE)
def test_late_copies_of_earlier_hops_move_no_points(world: World, number: str, name: str) -> None:
    """Where they cannot be told from keys, they walk the menu. But no key of before confirms an exchange."""
    network = Echoing(world.send)
    handset = Handset(with_points(world.deployment, number), dialect(name), network)
    handset.dial("*123#")
    for key in EXCHANGE[:-1]:
        shown = handset.answer(key)
    assert CONFIRM.search(shown.text), shown.text
    for message, _ in network.sent[1:]:
        world.send(message)
    expiry = Handset(number, dialect(name), world.send).dial("*123*1#")  # which nobody asks whether to go back
    assert "3 000 баллов" in expiry.text.replace("\u00a0", " ")


@pytest.mark.parametrize("name", TELLS_END)
@pytest.mark.parametrize("how", [Closing.BY_SUBSCRIBER, Closing.BY_SILENCE])
def test_a_session_that_broke_off_is_over(world: World, number: str, name: str, how: Closing) -> None:
    spoken, chance = dialect(name), drawing(number)
    handset = Handset(number, spoken, world.send, chance)
    shown = handset.dial("*123#")
    handset.hang_up(how)
    assert handset.closing_answer is not None
    assert handset.closing_answer.status == 200
    asked = Call(spoken.new_session_id(chance), number, "*123#", ()).shown(shown.text, shown.response)
    screen, ends = spoken.read(world.send(spoken.hop(asked.answered("1"))))
    assert ends, screen


@pytest.mark.parametrize("name", TELLS_END)
def test_a_result_whose_session_broke_off_goes_by_sms(world: World, number: str, name: str) -> None:
    handset = Handset(with_points(world.deployment, number), dialect(name), world.send)
    mailbox = Mailbox(number, world.network)
    mailbox.open()
    exchanged(handset)
    handset.hang_up()
    told = mailbox.next(SMS_WITHIN_S)
    assert told is not None
    assert "1 ГБ" in told.text


def infobip(world: World, method: str, session_id: str, deed: str, **fields: object) -> dict[str, Any]:
    """What the gateway answers to a call of Infobip's."""
    body = json.dumps(fields) if fields else ""
    answer = world.send(Message(method, f"/ussd/infobip/session/{session_id}/{deed}", "application/json", body))
    assert answer.status == 200, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_infobip_asks_for_a_session_and_ends_it_by_its_id_alone(world: World, number: str) -> None:
    session_id = f"asked-{number[1:]}"
    assert infobip(world, "GET", session_id, "status")["sessionActive"] is False
    infobip(world, "POST", session_id, "start", msisdn=number, text="*123#")
    assert infobip(world, "GET", session_id, "status")["sessionActive"] is True
    for _ in range(2):
        ended = infobip(world, "PUT", session_id, "end", exitCode=510, reason="hung up")
        assert ended == {"responseExitCode": 200, "responseMessage": ""}
    assert infobip(world, "GET", session_id, "status")["sessionActive"] is False
    assert infobip(world, "POST", session_id, "response", msisdn=number, text="1")["shouldClose"] is True


def test_an_id_of_anothers_session_opens_nothing_of_theirs(world: World, number: str) -> None:
    """Though an end finds its session by the id: then it is the one that bore it last."""
    session_id, other = f"shared-{number[1:]}", f"+{next(_numbers)}"
    with_points(world.deployment, number)
    infobip(world, "POST", session_id, "start", msisdn=number, text="*123*1#")
    strange = infobip(world, "POST", session_id, "response", msisdn=other, text="0")
    assert "У вас 0 баллов" in strange["ussdMenu"].replace("\u00a0", " ")
    infobip(world, "PUT", session_id, "end", exitCode=510, reason="hung up")
    own = infobip(world, "POST", session_id, "response", msisdn=number, text="0")
    assert "У вас 3 000 баллов" in own["ussdMenu"].replace("\u00a0", " ")


@pytest.mark.parametrize("name", [each for each in names() if each not in {"africastalking", "smpp_msisdn"}])
def test_a_session_that_nobody_knows_begins_at_the_start(world: World, number: str, name: str) -> None:
    spoken = dialect(name)
    shown = Handset(number, spoken, world.send).dial("*123#")
    elsewhere = Call(spoken.new_session_id(lambda bits: 2**bits - 1), number, "*123#", ())
    lost = elsewhere.shown(shown.text, shown.response).answered("2")
    assert spoken.read(world.send(spoken.hop(lost))) == (shown.text, False)

"""What is shown unasked, by USSD over SMPP: asked for at the API, seen on a phone, answered, and looked up."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from gateway.smpp.pdu.status import Status
from simulator.call import Pushed
from simulator.dialects import dialect, names
from simulator.errors import EventRefusedError
from simulator.handset import Handset, Screen
from simulator.mailbox import Mailbox
from simulator.over_smpp import PREFIX
from simulator.phrases import happening
from simulator.unasked import Unasked
from simulator.world import World
from tests.integration.smsc.peers import Smsc

OVER_SMPP = [name for name in names() if name.startswith(PREFIX)]
IN_EVERY_DIALECT = pytest.mark.parametrize("name", OVER_SMPP)
WITHIN_S = 20.0
_numbers = count(79218970000)


@pytest.fixture
def number(world: World) -> str:
    """Of a member, who has points."""
    drawn = f"+{next(_numbers)}"
    world.deployment.tell(drawn, happening("top-up 500 roubles"))
    return drawn


@pytest.fixture(autouse=True)
def in_order(world: World) -> Iterator[None]:
    """The SMSC is in good order afterwards."""
    yield
    world.network.reset()


class Phone:
    """A handset, and what is shown on it unasked."""

    def __init__(self, world: World, number: str, name: str = "smpp_standard") -> None:
        self.number = number
        self.handset = Handset(number, dialect(name), world.send)
        self._unasked = Unasked(number, dialect(name), world.network)
        self._unasked.open()

    def comes(self) -> Pushed:
        pushed = self._unasked.next(WITHIN_S)
        assert pushed is not None, f"nothing was shown within {WITHIN_S} s"
        return pushed

    def shows(self) -> Screen:
        return self.handset.show(self.comes())


def pushed(world: World, number: str, push: str, **more: Any) -> int:
    """The number of a push that was taken."""
    headers = {"X-API-Key": world.deployment.access.api_key, "Idempotency-Key": f"{number}{push}{next(_numbers)}"}
    asked = {"msisdn": number, "push": push, **more}
    response = world.deployment.http.post("/v1/pushes", json=asked, headers=headers)
    assert response.status_code == 202, response.text
    return int(response.json()["push_id"])


def state_of(world: World, push_id: int, until: Callable[[str], bool], smsc: Smsc) -> str:
    """Where a push came to."""
    smsc.until(lambda: until(world.deployment.push_state(push_id)[0]), "the push comes to its end")
    return world.deployment.push_state(push_id)[0]


@IN_EVERY_DIALECT
def test_a_question_is_answered_and_the_menu_goes_on(world: World, smsc: Smsc, number: str, name: str) -> None:
    phone = Phone(world, number, name)
    push_id = pushed(world, number, "expiring", smsc=name.removeprefix(PREFIX))
    screen = phone.shows()
    assert not screen.ends
    assert "У вас 1 000 баллов" in screen.text
    assert state_of(world, push_id, "shown".__eq__, smsc) == "shown"
    assert "Обменять баллы" in phone.handset.answer("1").text
    assert "На что?" in phone.handset.answer("1").text
    assert state_of(world, push_id, "answered".__eq__, smsc) == "answered"
    assert "У вас" in phone.handset.answer("00").text, "the way home is that of the menu"


@IN_EVERY_DIALECT
def test_a_notice_is_confirmed_by_the_phone(world: World, smsc: Smsc, number: str, name: str) -> None:
    phone = Phone(world, number, name)
    push_id = pushed(world, number, "welcome", smsc=name.removeprefix(PREFIX))
    pushed_screen = phone.comes()
    assert state_of(world, push_id, "shown".__eq__, smsc) == "shown"
    screen = phone.handset.show(pushed_screen)
    assert screen.ends
    assert "«Больше»" in screen.text
    assert state_of(world, push_id, "answered".__eq__, smsc) == "answered"


def test_a_member_is_shown_what_he_reads(world: World, number: str) -> None:
    world.deployment.choose_language(number, "en")
    phone = Phone(world, number)
    pushed(world, number, "welcome", smsc="standard")
    assert "Welcome" in phone.shows().text


def test_advertising_is_shown_to_who_agreed(world: World, smsc: Smsc, number: str) -> None:
    refused = pushed(world, number, "gifts_offer", smsc="standard")
    assert state_of(world, refused, lambda state: state != "queued", smsc) == "no_consent"
    mailbox = Mailbox(number, world.network)
    mailbox.open()
    mailbox.send("6111", "Старт")
    assert mailbox.next(WITHIN_S) is not None
    phone = Phone(world, number)
    pushed(world, number, "gifts_offer", smsc="standard")
    assert "Обменяйте" in phone.shows().text


def test_a_gateway_that_refuses_says_why(world: World, smsc: Smsc, number: str) -> None:
    smsc.faults(submit_status=Status.RINVDSTADR.value, submit_status_count=1)
    push_id = pushed(world, number, "welcome", smsc="standard")
    assert state_of(world, push_id, lambda state: state not in {"queued", "sending"}, smsc) == "refused"
    assert "RINVDSTADR" in world.deployment.push_state(push_id)[1]


def test_a_push_leaves_the_session_alone_that_the_subscriber_has(world: World, smsc: Smsc, number: str) -> None:
    """Where a number has one session, a push would be taken for it."""
    handset = Handset(number, dialect("smpp_msisdn"), world.send)
    handset.dial("*123#")
    push_id = pushed(world, number, "welcome", smsc="msisdn", expires_in_s=2)
    assert state_of(world, push_id, "expired".__eq__, smsc) == "expired"
    assert "has a session" in world.deployment.push_state(push_id)[1]
    assert "Обменять баллы" in handset.answer("5").text


def test_a_gateway_that_cannot_now_gets_it_again(world: World, smsc: Smsc, number: str) -> None:
    smsc.faults(submit_status=Status.RMSGQFUL.value, submit_status_count=2)
    phone = Phone(world, number, "smpp_msisdn")
    pushed(world, number, "welcome", smsc="msisdn")
    assert "«Больше»" in phone.shows().text


def test_a_push_that_no_link_takes_is_over_in_its_time(world: World, smsc: Smsc, number: str) -> None:
    push_id = pushed(world, number, "welcome", smsc="elsewhere", expires_in_s=1)
    assert state_of(world, push_id, lambda state: state != "queued", smsc) == "expired"
    assert world.deployment.push_state(push_id)[1] == "no link took it in time"


@pytest.mark.parametrize(
    ("number", "push", "says"),
    [
        ("+79218979999", "welcome", "no_member"),
        ("+79210000012", "welcome", "blocked"),
        ("+79210000010", "birthday", "it has: expiring, gifts_offer, welcome"),
        ("+7 none", "welcome", "bad_number"),
    ],
    ids=["who never came", "who is blocked", "what the menu has not", "no number"],
)
def test_what_cannot_be_shown_is_refused(world: World, number: str, push: str, says: str) -> None:
    with pytest.raises(EventRefusedError, match=says):
        world.deployment.push(number, push, "standard")


def test_care_sees_it(world: World, smsc: Smsc, number: str) -> None:
    phone = Phone(world, number)
    push_id = pushed(world, number, "welcome", smsc="standard")
    phone.shows()
    state_of(world, push_id, "answered".__eq__, smsc)
    [line] = [item for item in world.deployment.timeline(number, 20) if item["what"] == "push"]
    assert (line["facts"]["push"], line["facts"]["state"]) == ("welcome", "answered")

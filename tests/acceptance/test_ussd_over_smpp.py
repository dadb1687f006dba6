"""USSD over SMPP against a real gateway, over real TCP: what its operators must not notice, and what they would."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from gateway.smpp.pdu import codec, tlv
from gateway.smpp.pdu.messages import Address, DeliverSm
from gateway.smpp.pdu.status import Status
from gateway.smpp.pdu.tlv import Tag
from simulator.call import Call
from simulator.dialects import dialect, names
from simulator.errors import HopFailedError
from simulator.handset import Handset
from simulator.mailbox import Mailbox
from simulator.over_smpp import PREFIX
from simulator.phrases import happening
from simulator.world import World
from tests.integration.smsc.peers import Smsc

OVER_SMPP = [name for name in names() if name.startswith(PREFIX)]
IN_EVERY_DIALECT = pytest.mark.parametrize("name", OVER_SMPP)
SMS_WITHIN_S = 20.0
_numbers = count(79218990000)


@pytest.fixture
def number() -> str:
    return f"+{next(_numbers)}"


@pytest.fixture(autouse=True)
def in_order(world: World) -> Iterator[None]:
    """The SMSC is in good order afterwards."""
    yield
    world.network.reset()


@IN_EVERY_DIALECT
def test_the_same_key_at_once_is_two_presses(world: World, number: str, name: str) -> None:
    handset = Handset(number, dialect(name), world.send)
    handset.dial("*123#")
    handset.answer("5")
    assert "На что?" in handset.answer("1").text
    assert "1 ГБ" in handset.answer("1").text


@IN_EVERY_DIALECT
def test_a_session_id_that_comes_round_begins_at_the_start(world: World, number: str, name: str) -> None:
    def same(bits: int) -> int:
        return 1

    first = Handset(number, dialect(name), world.send, same).dial("*123#")
    Handset(number, dialect(name), world.send, same).dial("*123*5#")
    assert Handset(number, dialect(name), world.send, same).dial("*123#").text == first.text


def test_two_sessions_of_a_number_do_not_meet(world: World, number: str) -> None:
    one, other = (Handset(number, dialect("smpp_sixdee"), world.send) for _ in range(2))
    one.dial("*123#")
    other.dial("*123#")
    assert "Обменять баллы" in one.answer("5").text
    assert "подарочных единиц" in other.answer("1").text
    assert "На что?" in one.answer("1").text


@pytest.mark.parametrize("status", [Status.RTHROTTLED, Status.RMSGQFUL])
def test_a_gateway_that_cannot_now_gets_the_screen_again(world: World, smsc: Smsc, number: str, status: Status) -> None:
    smsc.faults(submit_status=status.value, submit_status_count=1)
    assert "У вас" in Handset(number, dialect("smpp_standard"), world.send).dial("*123#").text


def test_a_result_that_the_gateway_does_not_take_goes_by_sms(world: World, smsc: Smsc, number: str) -> None:
    world.deployment.tell(number, happening("top-up 1000 roubles"))
    mailbox = Mailbox(number, world.network)
    mailbox.open()
    handset = Handset(number, dialect("smpp_standard"), world.send)
    handset.dial("*123#")
    for key in ("5", "1", "1", "1"):
        handset.answer(key)
    smsc.faults(submit_status=Status.RINVDSTADR.value, submit_status_count=1)
    with pytest.raises(HopFailedError, match="no screen came"):
        handset.answer("2")
    told = mailbox.next(SMS_WITHIN_S)
    assert told is not None
    assert "1 ГБ" in told.text


def test_rubbish_is_refused_and_the_next_subscriber_served(world: World, smsc: Smsc, number: str) -> None:
    """To every connection at once: the link of SMS refuses nothing of it, and says nothing."""
    rubbish = [
        deliver(number, b"*123#"),
        deliver(number, b"*123#", op=2),
        deliver(number, b"*123#", op=1, data_coding=0x44),
        deliver("not a number", b"*123#", op=1),
    ]
    before = smsc.get("/state")["pdus"]
    for pdu in rubbish:
        smsc.post("/raw", hex=codec.encode(pdu).hex())
    links = len(smsc.states())
    smsc.until(
        lambda: len(refusals(smsc, before)) == len(rubbish) * (links - 1), "each is refused by each link of USSD"
    )
    assert set(refusals(smsc, before)) == {"0x66 RX_R_APPN: receiver rejects this one message"}
    assert len(smsc.states()) == links, "no connection was closed for it"
    assert "У вас" in Handset(number, dialect("smpp_mica"), world.send).dial("*123#").text


def test_a_new_subscriber_is_met_in_the_language_that_the_gateway_names(world: World, smsc: Smsc, number: str) -> None:
    """It is named once, to every connection: the member that this makes reads English from then on."""
    dialled = deliver(number, b"*123#", op=1)
    english = replace(dialled, tlvs=(*dialled.tlvs, tlv.with_number(Tag.LANGUAGE_INDICATOR, 1)))
    before, links = smsc.get("/state")["pdus"], len(smsc.states())
    smsc.post("/raw", hex=codec.encode(english).hex())
    smsc.until(lambda: len(answers(smsc, before)) == links, "each link has answered")
    assert "You have 0 points" in Handset(number, dialect("smpp_standard"), world.send).dial("*123#").text


def test_a_subscriber_who_dials_where_no_ussd_is_spoken_is_left_to_the_network(world: World, number: str) -> None:
    spoken = dialect("smpp_standard")
    message = spoken.hop(Call("1", number, "*123#", ()))
    elsewhere = world.send(replace(message, body=message.body.replace("smpp_standard", "demo")))
    with pytest.raises(HopFailedError, match="no screen came within"):
        spoken.read(elsewhere)


def answers(smsc: Smsc, after: int) -> list[str]:
    """How deliveries were answered since then."""
    seen = smsc.get("/pdus", after=after)["pdus"]
    return [one["status"] for one in seen if one["pdu"] == "DeliverSmResp"]


def refusals(smsc: Smsc, after: int) -> list[str]:
    """How they were refused."""
    return [status for status in answers(smsc, after) if not status.startswith("0x00")]


def deliver(number: str, octets: bytes, op: int | None = None, data_coding: int = 0) -> DeliverSm:
    tlvs = () if op is None else (tlv.with_number(Tag.USSD_SERVICE_OP, op),)
    source = Address(number.removeprefix("+"), 1, 1)
    return DeliverSm(7, source, Address("*123#"), octets, data_coding, service_type="USSD", tlvs=tlvs)

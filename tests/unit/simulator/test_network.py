"""SMS from outside: a phone and its texts on a real SMSC, with a small gateway at the other end, or none."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import PhraseError, SmscAwayError
from simulator.mailbox import SHOWN_MAX, Mailbox
from simulator.network import Network
from tests.integration.smsc.peers import Smsc
from tests.live.network import new_number
from tests.live.processes import free_port
from tests.unit.simulator.responder import Responder, responding

SOON_S = 10.0


@pytest.fixture
def mailbox(network: Network) -> Mailbox:
    opened = Mailbox(new_number(), network)
    opened.open()
    return opened


def test_a_text_is_answered_and_read_once(mailbox: Mailbox, responder: Responder) -> None:
    responder.answers["Баланс"] = ("У вас 500 баллов", "Спасибо")
    mailbox.send("6111", "Баланс")
    first, second = mailbox.next(SOON_S), mailbox.next(SOON_S)
    assert first is not None
    assert second is not None
    assert (first.source, first.text, second.text) == ("6111", "У вас 500 баллов", "Спасибо")
    assert mailbox.next(0) is None
    assert [sms.text for sms in mailbox.everything()] == ["У вас 500 баллов", "Спасибо"]


@pytest.mark.parametrize(
    ("text", "gauge"),
    [
        pytest.param("Баланс", "6/70 UCS-2, 1 part", id="Russian"),
        pytest.param("Я" * 70, "70/70 UCS-2, 1 part", id="the longest Russian part"),
        pytest.param("Я" * 71, "71/134 UCS-2, 2 parts", id="two Russian parts"),
        pytest.param("Balance", "7/160 GSM-7, 1 part", id="English"),
        pytest.param("a" * 161, "161/306 GSM-7, 2 parts", id="two English parts"),
    ],
)
def test_what_a_text_costs(mailbox: Mailbox, responder: Responder, text: str, gauge: str) -> None:
    responder.tell(mailbox.msisdn.removeprefix("+"), text)
    sms = mailbox.next(SOON_S)
    assert sms is not None
    assert (sms.text, str(sms)) == (text, gauge)


@pytest.mark.parametrize(
    ("octets", "data_coding", "gauge"),
    [
        pytest.param("Я".encode("utf-16-be") * 71, 8, "71/134 UCS-2, 2 parts", id="divided by the SMSC"),
        pytest.param(b"a" * 307, 0, "307/459 GSM-7, 3 parts", id="septets divided by the SMSC"),
        pytest.param("ok".encode("utf-16-be"), 8, "2/70 UCS-2, 1 part", id="Latin sent dearly"),
    ],
)
def test_what_a_payload_costs(
    mailbox: Mailbox, responder: Responder, octets: bytes, data_coding: int, gauge: str
) -> None:
    responder.client.send_message(
        source_addr="6111",
        destination_addr=mailbox.msisdn.removeprefix("+"),
        data_coding=data_coding,
        message_payload=octets,
    )
    assert str(mailbox.next(SOON_S)) == gauge


def test_what_came_before_is_not_new(network: Network, responder: Responder) -> None:
    msisdn = new_number()
    earlier = Mailbox(msisdn, network)
    responder.tell(msisdn.removeprefix("+"), "before")
    assert earlier.next(SOON_S) is not None
    later = Mailbox(msisdn, network)
    later.open()
    assert later.next(0) is None
    assert [sms.text for sms in later.everything()] == ["before"]


def test_the_newest_are_shown(mailbox: Mailbox, responder: Responder) -> None:
    for number in range(SHOWN_MAX + 1):
        responder.tell(mailbox.msisdn.removeprefix("+"), str(number))
    for _ in range(SHOWN_MAX + 1):
        assert mailbox.next(SOON_S) is not None
    assert [sms.text for sms in mailbox.everything()] == [str(number) for number in range(1, SHOWN_MAX + 1)]


def test_an_smsc_that_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port, control_port = free_port(), free_port()
    monkeypatch.setattr("tests.integration.smsc.peers.free_port", itertools.cycle((port, control_port)).__next__)
    with Network(f"http://127.0.0.1:{control_port}") as network:
        mailbox = Mailbox(new_number(), network)
        for texts in (("1", "2"), ("3",)):
            with Smsc(tmp_path) as smsc, responding(smsc) as responder:
                responder.answers["more"] = texts
                mailbox.send("6111", "more")
                for text in texts:
                    sms = mailbox.next(SOON_S)
                    assert sms is not None, mailbox.fate_of_sent()
                    assert sms.text == text


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        pytest.param(0x00, "took it and sent nothing back", id="taken"),
        pytest.param(0x64, "refused it for now (0x64", id="not now"),
        pytest.param(0x66, "refused it for good (0x66", id="never"),
    ],
)
def test_where_a_text_stands(smsc: Smsc, mailbox: Mailbox, responder: Responder, status: int, fate: str) -> None:
    responder.answers_with = status
    mailbox.send("6111", "Баланс")
    smsc.until(lambda: fate in mailbox.fate_of_sent(), fate)


@pytest.mark.usefixtures("responder")
def test_a_text_that_the_smsc_keeps_to_itself(smsc: Smsc, mailbox: Mailbox) -> None:
    smsc.faults(silence=True)
    mailbox.send("6111", "Баланс")
    assert "has not sent it on yet: its /faults" in mailbox.fate_of_sent()


def test_a_text_that_no_gateway_takes(mailbox: Mailbox) -> None:
    mailbox.send("6111", "Баланс")
    assert mailbox.next(0) is None
    assert "no gateway is bound: GATEWAY_SMPP" in mailbox.fate_of_sent()


def test_a_text_that_the_smsc_does_not_take(network: Network) -> None:
    with pytest.raises(PhraseError, match="to: "):
        network.text("+79210000001", "no number", "Баланс")


def test_an_smsc_obeys(network: Network) -> None:
    assert network.state().faults["receipts"] == "on_time"
    network.order({"receipts": "late"})
    assert network.state().faults["receipts"] == "late"
    network.order({"receipts": "on_time"})


def test_an_order_that_the_smsc_does_not_take(network: Network) -> None:
    with pytest.raises(PhraseError, match="does not take this order: receipts: "):
        network.order({"receipts": "whenever"})


def test_nothing_there(nowhere: Network) -> None:
    assert not nowhere.answers()
    with pytest.raises(SmscAwayError, match=r"no SMSC answers at http://127.0.0.1:9 .*SIMULATOR_CONTROL_URL"):
        nowhere.newest()


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        pytest.param(404, "application/json", json.dumps({"detail": "not found"}), id="a gateway"),
        pytest.param(200, "text/html", "<p>hello", id="a page"),
    ],
)
def test_another_program_on_the_port(serve: Callable[..., str], status: int, kind: str, body: str) -> None:
    with Network(serve(status, kind, body)) as network:
        assert not network.answers()
        with pytest.raises(SmscAwayError, match="is no SMSC of the simulator"):
            network.text("+79210000001", "6111", "Баланс")

"""Whose PDUs are whose: by number, and responses by their requests."""

from typing import Any

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.messages import Address, DeliverSm, DeliverSmResp, EnquireLink, Pdu, SubmitSm, SubmitSmResp
from simulator.smsc.trace import Seen, shown
from simulator.web.glass import ASKED_MAX, Glass

PHONE = Address("79210000001", 1, 1)
OTHER = Address("79210000002", 1, 1)
SHORT = Address("6111", 3, 0)
PHONES = {"79210000001": "a"}
TEXT = "Баланс".encode("utf-16-be")


def seen(way: str, pdu: Pdu, session: int = 1) -> dict[str, Any]:
    return dict(shown(Seen(1, 0.0, session, way, codec.encode(pdu))))


def kinds(glass: Glass, *pdus: dict[str, Any]) -> list[tuple[str, str]]:
    return [(phone, pdu["pdu"]) for phone, pdu in glass.sorted(pdus, PHONES)]


def test_a_phone_sees_what_it_sends_and_gets_and_the_answers() -> None:
    pdus = [
        seen("out", DeliverSm(7, PHONE, SHORT, TEXT, 8)),
        seen("in", DeliverSmResp(7, 0, "")),
        seen("in", SubmitSm(7, SHORT, PHONE, TEXT, 8)),
        seen("out", SubmitSmResp(7, 0, "id")),
    ]
    assert kinds(Glass(), *pdus) == [
        ("a", "DeliverSm"),
        ("a", "DeliverSmResp"),
        ("a", "SubmitSm"),
        ("a", "SubmitSmResp"),
    ]


def test_others_are_not_seen() -> None:
    pdus = [
        seen("in", SubmitSm(7, SHORT, OTHER, TEXT, 8)),
        seen("out", SubmitSmResp(7, 0, "id")),
        seen("in", EnquireLink(8)),
        seen("in", SubmitSm(9, SHORT, PHONE, TEXT, 8), session=1),
        seen("out", SubmitSmResp(9, 0, "id"), session=2),
    ]
    assert kinds(Glass(), *pdus) == [("a", "SubmitSm")]


def test_the_words_are_read() -> None:
    [(_, pdu)] = Glass().sorted([seen("out", DeliverSm(7, PHONE, SHORT, TEXT, 8))], PHONES)
    assert pdu["reads"] == "Баланс"


def test_requests_without_a_response_are_given_up() -> None:
    glass = Glass()
    unanswered = [seen("in", SubmitSm(number, SHORT, PHONE, TEXT, 8)) for number in range(1, ASKED_MAX + 2)]
    kinds(glass, *unanswered)
    assert kinds(glass, seen("out", SubmitSmResp(1, 0, "id"))) == []
    assert kinds(glass, seen("out", SubmitSmResp(2, 0, "id"))) == [("a", "SubmitSmResp")]


def test_octets_that_are_no_pdu_are_nobodys() -> None:
    rubbish = dict(shown(Seen(1, 0.0, 1, "in", b"\0" * 16)))
    assert kinds(Glass(), rubbish) == []

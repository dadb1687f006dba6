"""What a phone shows."""

import itertools

import pytest

from gateway.smpp.pdu import part
from gateway.smpp.pdu.messages import Address, DataSm, SubmitSm
from gateway.smpp.pdu.part import Part
from gateway.smpp.pdu.tlv import Tag
from simulator.smsc.inbox import Inbox

PHONE, SHORT = Address("79210000001", 1, 1), Address("6111", 3, 0)
CYRILLIC = "Подарок 👍 ждёт вас".encode("utf-16-be")


def pieces(octets: bytes, size: int, *, reference: int = 7, to: Address = PHONE) -> list[SubmitSm]:
    cut = [octets[at : at + size] for at in range(0, len(octets), size)]
    return [
        SubmitSm(1, SHORT, to, part.header(Part(reference, len(cut), number)) + piece, 8, part.HAS_HEADER)
        for number, piece in enumerate(cut, 1)
    ]


def filled(*pdus: SubmitSm | DataSm) -> Inbox:
    inbox = Inbox()
    for number, pdu in enumerate(pdus, 1):
        inbox.put(pdu, str(number), 0.0)
    return inbox


@pytest.mark.parametrize(
    ("pdu", "shown"),
    [
        pytest.param(SubmitSm(1, SHORT, PHONE, b"5 \x1be"), "5 €", id="default alphabet"),
        pytest.param(SubmitSm(1, SHORT, PHONE, "Баланс".encode("utf-16-be"), 8), "Баланс", id="UCS-2"),
        pytest.param(SubmitSm(1, SHORT, PHONE, tlvs=((Tag.MESSAGE_PAYLOAD, b"long"),)), "long", id="payload"),
        pytest.param(DataSm(1, SHORT, PHONE, tlvs=((Tag.MESSAGE_PAYLOAD, b"data"),)), "data", id="data_sm"),
        pytest.param(SubmitSm(1, SHORT, PHONE, b"\x01\x02", 4), "[0102]", id="binary, in hex"),
    ],
)
def test_one_message(pdu: SubmitSm | DataSm, shown: str) -> None:
    (text,) = filled(pdu).texts()
    assert (text.text, text.parts, text.source, text.msisdn) == (shown, 1, "6111", "79210000001")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_parts_in_any_order(order: tuple[int, ...]) -> None:
    parts = pieces(CYRILLIC, 14)
    (text,) = filled(*(parts[place] for place in order)).texts()
    assert (text.text, text.parts) == ("Подарок 👍 ждёт вас", 3)


def test_a_pair_that_was_cut_in_two_is_whole() -> None:
    (text,) = filled(*pieces(CYRILLIC, 18)).texts()
    assert text.text == "Подарок 👍 ждёт вас"


def test_a_part_that_comes_twice_and_one_that_is_missing() -> None:
    first, second, third = pieces(CYRILLIC, 14)
    inbox = filled(first, first, third)
    assert (inbox.texts(), inbox.incomplete) == ([], 1)
    inbox.put(second, "4", 0.0)
    assert len(inbox.texts()) == 1
    assert inbox.incomplete == 0


def test_two_phones_with_the_same_reference() -> None:
    other = Address("79210000002", 1, 1)
    mine, theirs = pieces(CYRILLIC, 20), pieces("Другой подарок".encode("utf-16-be"), 20, to=other)
    inbox = filled(mine[0], theirs[0], mine[1], theirs[1])
    assert [text.text for text in inbox.texts("+79210000001")] == ["Подарок 👍 ждёт вас"]
    assert [text.text for text in inbox.texts("79210000002")] == ["Другой подарок"]


def test_only_what_is_newer() -> None:
    inbox = filled(*(SubmitSm(1, SHORT, PHONE, text) for text in (b"1", b"2", b"3")))
    assert [text.text for text in inbox.texts(after=1)] == ["2", "3"]


def test_what_is_newer_is_found_when_old_texts_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.smsc.inbox.TEXTS_MAX", 3)
    inbox = filled(*(SubmitSm(1, SHORT, PHONE, b"%d" % number) for number in range(1, 6)))
    assert [[text.text for text in inbox.texts(after=after)] for after in (0, 1, 3, 5, 99)] == [
        ["3", "4", "5"],
        ["3", "4", "5"],
        ["4", "5"],
        [],
        [],
    ]

"""Receipts as SMSCs write them: each row is what came, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import receipt
from gateway.smpp.choices import MessageIds
from gateway.smpp.pdu import tlv
from gateway.smpp.pdu.messages import Address, DataSm, DeliverSm
from gateway.smpp.pdu.tlv import Tag, Tlvs
from gateway.smpp.receipt import Candidate, Form, Kind, Receipt, State

FULL = "id:0010 sub:001 dlvrd:001 submit date:2611210101 done date:2611210102 stat:DELIVRD err:000 text:Balance"
ALL_TEXTS = ["", FULL, "id:1", "stat:EXPIRED", "Text:id:9 stat:DELETED", "\0i\0d\0:\x009"]


def came(text: str | bytes, data_coding: int = 0, esm_class: int = 0x04, tlvs: Tlvs = ()) -> DeliverSm:
    octets = text if isinstance(text, bytes) else text.encode("latin-1")
    return DeliverSm(1, Address("79210000001", 1, 1), Address("6111", 3, 0), octets, data_coding, esm_class, tlvs=tlvs)


def read(pdu: DeliverSm | DataSm) -> Receipt:
    found = receipt.read(pdu)
    assert found is not None
    return found


def named(message_id: str, state: int) -> Tlvs:
    return tlv.with_text(Tag.RECEIPTED_MESSAGE_ID, message_id), tlv.with_number(Tag.MESSAGE_STATE, state)


@pytest.mark.parametrize(
    ("pdu", "message_id", "state", "error", "done_at"),
    [
        pytest.param(came(FULL), "0010", State.DELIVERED, "000", "2611210102", id="as in Appendix B"),
        pytest.param(
            came("stat:EXPIRED err:0A1 id:7f done date:261121010203"), "7f", State.EXPIRED, "0A1", "261121010203",
            id="another order, twelve digits, letters in err",
        ),
        pytest.param(came("id:1 done date:20261121010203 stat:DELIVRD"), "1", State.DELIVERED, "", "20261121010203",
            id="fourteen digits"),
        pytest.param(came("id:1 submit date: done date: stat:UNDELIV"), "1", State.UNDELIVERABLE, "", "",
            id="empty dates"),
        pytest.param(came("ID:1 STAT:delivrd ERR:1 TEXT:hi"), "1", State.DELIVERED, "1", "", id="another case"),
        pytest.param(came("id: 1 stat: DELIVERED err: 5"), "1", State.DELIVERED, "5", "", id="spaces, words in full"),
        pytest.param(came("id:1 done_date:26 stat:REJECTD"), "1", State.REJECTED, "", "26", id="underscores"),
        pytest.param(came("id:1\rstat:ACKED"), "1", State.ACCEPTED, "", "", id="lines"),
        pytest.param(came("id:1 stat:FAILED"), "1", State.UNDELIVERABLE, "", "", id="a word of no specification"),
        pytest.param(came("id:1 stat:BUFFRED"), "1", State.ENROUTE, "", "", id="buffered"),
        pytest.param(came("id:1 stat:SLEEPS"), "1", State.UNKNOWN, "", "", id="a word that nobody knows"),
        pytest.param(came("stat:DELIVRD"), "", State.DELIVERED, "", "", id="no id"),
        pytest.param(came("id:1 text:id:2 stat:EXPIRED"), "1", State.EXPIRED, "", "", id="a text that quotes fields"),
        pytest.param(came(FULL + " stat:EXPIRED"), "0010", State.DELIVERED, "000", "2611210102", id="the first counts"),
        pytest.param(came("id:" + "a1" * 32 + " stat:DELIVRD"), "a1" * 32, State.DELIVERED, "", "", id="a long id"),
        pytest.param(came("id:a_b-c@d stat:DELIVRD"), "a_b-c@d", State.DELIVERED, "", "", id="signs in an id"),
        pytest.param(came(FULL.encode("utf-16-be"), 8), "0010", State.DELIVERED, "000", "2611210102", id="UCS-2"),
        pytest.param(came(FULL.encode("utf-16-be")), "0010", State.DELIVERED, "000", "2611210102", id="unsaid UCS-2"),
        pytest.param(came(FULL, 8), "0010", State.DELIVERED, "000", "2611210102", id="UCS-2 that is none"),
        pytest.param(came(FULL, 4), "0010", State.DELIVERED, "000", "2611210102", id="binary that is none"),
        pytest.param(came("id:1 stat:DELIVRD text:\0 a"), "1", State.DELIVERED, "", "", id="an at sign in GSM 7-bit"),
        pytest.param(came(b"\x05\0\3\1\1\1" + FULL.encode(), 0, 0x44), "0010", State.DELIVERED, "000", "2611210102",
            id="behind a header"),
        pytest.param(came("", tlvs=named("0A1", 2)), "0A1", State.DELIVERED, "", "", id="parameters and no text"),
        pytest.param(came(FULL, tlvs=named("9", 3)), "9", State.EXPIRED, "000", "2611210102", id="parameters win"),
        pytest.param(came(FULL, tlvs=named("", 99)), "0010", State.DELIVERED, "000", "2611210102",
            id="parameters that say nothing"),
        pytest.param(came("id:1 stat:UNDELIV", tlvs=((Tag.NETWORK_ERROR_CODE, b"\3\0\x0c"),)), "1",
            State.UNDELIVERABLE, "3:12", "", id="an error of the network"),
        pytest.param(came("id:1 stat:DELIVRD", 0xF1, tlvs=((0x1400, b"\xff\xfe"),)), "1", State.DELIVERED, "", "",
            id="a vendor's parameter, a class coding"),
        pytest.param(came("", esm_class=0, tlvs=named("9", 2)), "9", State.DELIVERED, "", "", id="esm_class forgotten"),
        pytest.param(
            DataSm(1, Address("7"), Address("6"), 0, 4, tlvs=((Tag.MESSAGE_PAYLOAD, FULL.encode()),)),
            "0010", State.DELIVERED, "000", "2611210102", id="by data_sm",
        ),
    ],
)  # fmt: skip
def test_receipts(pdu: DeliverSm | DataSm, message_id: str, state: State, error: str, done_at: str) -> None:
    found = read(pdu)
    assert (found.kind, found.state, found.error, found.done_at) == (Kind.RECEIPT, state, error, done_at)
    assert [each.id for each in found.ids][:1] == ([message_id] if message_id else [])


@pytest.mark.parametrize(
    ("esm_class", "kind"),
    [
        pytest.param(0x00, None, id="a text"),
        pytest.param(0x40, None, id="a text with a header"),
        pytest.param(0x80, None, id="a text with a reply path"),
        pytest.param(0x0C, None, id="reserved"),
        pytest.param(0x04, Kind.RECEIPT, id="a receipt"),
        pytest.param(0x44, Kind.RECEIPT, id="a receipt with a header"),
        pytest.param(0x07, Kind.RECEIPT, id="a receipt with a mode"),
        pytest.param(0x08, Kind.ACKNOWLEDGEMENT, id="an acknowledgement of the phone"),
        pytest.param(0x10, Kind.ACKNOWLEDGEMENT, id="an acknowledgement by hand"),
        pytest.param(0x20, Kind.INTERMEDIATE, id="on the way"),
    ],
)
def test_what_it_is_stands_in_esm_class(esm_class: int, kind: Kind | None) -> None:
    found = receipt.read(came("id:1 stat:ENROUTE", esm_class=esm_class))
    assert (found and found.kind) == kind


@pytest.mark.parametrize(
    ("number", "state"),
    [
        pytest.param(0, State.ENROUTE, id="scheduled"),
        pytest.param(1, State.ENROUTE, id="on the way"),
        pytest.param(2, State.DELIVERED, id="delivered"),
        pytest.param(3, State.EXPIRED, id="expired"),
        pytest.param(4, State.DELETED, id="deleted"),
        pytest.param(5, State.UNDELIVERABLE, id="undeliverable"),
        pytest.param(6, State.ACCEPTED, id="accepted"),
        pytest.param(7, State.UNKNOWN, id="unknown"),
        pytest.param(8, State.REJECTED, id="rejected"),
        pytest.param(9, State.SKIPPED, id="skipped"),
    ],
)
def test_states(number: int, state: State) -> None:
    assert read(came("", tlvs=named("1", number))).state is state


def test_final_states_are_those_that_nothing_follows() -> None:
    assert {state for state in State if not state.final} == {State.ENROUTE, State.ACCEPTED, State.UNKNOWN}


@pytest.mark.parametrize(
    ("in_receipt", "in_answer", "form"),
    [
        pytest.param("0010", "0010", Form.RAW, id="the same"),
        pytest.param("0010", "10", Form.PADDED, id="zeros in the receipt"),
        pytest.param("10", "0000000010", Form.PADDED, id="zeros in the answer"),
        pytest.param("3735928559", "deadbeef", Form.HEX, id="hex in the answer"),
        pytest.param("3735928559", "DEADBEEF", Form.HEX, id="capital hex in the answer"),
        pytest.param("10", "0000000A", Form.HEX, id="hex with zeros in the answer"),
        pytest.param("0000000010", "a", Form.HEX, id="decimal with zeros in the receipt"),
        pytest.param("deadbeef", "3735928559", Form.DECIMAL, id="hex in the receipt"),
        pytest.param("10", "16", Form.DECIMAL, id="hex in the receipt, without letters"),
        pytest.param("DEADBEEF", "deadbeef", Form.PADDED, id="another case"),
        pytest.param("0A1", "161", Form.DECIMAL, id="hex with a zero"),
        pytest.param("7f3e-x", "7f3e-x", Form.RAW, id="a name"),
    ],
)
def test_an_id_is_found_however_the_smsc_writes_it(in_receipt: str, in_answer: str, form: Form) -> None:
    assert Candidate(in_answer, form) in read(came(f"id:{in_receipt} stat:DELIVRD")).ids


def test_candidates_come_once_and_the_raw_one_first() -> None:
    ids = read(came("id:10 stat:DELIVRD")).ids
    assert ids[0] == Candidate("10", Form.RAW)
    assert len({each.id for each in ids}) == len(ids)
    assert list(dict.fromkeys(each.form for each in ids)) == [Form.RAW, Form.PADDED, Form.HEX, Form.DECIMAL]


@pytest.mark.parametrize(
    ("message_ids", "in_receipt", "means"),
    [
        pytest.param(MessageIds.LEARNED, "16", {"16", "10", "22"}, id="learned: all of them"),
        pytest.param(MessageIds.HEX, "16", {"10"}, id="hex there, decimal here"),
        pytest.param(MessageIds.DECIMAL, "16", {"22"}, id="decimal there, hex here"),
        pytest.param(MessageIds.SAME, "16", {"16"}, id="the same"),
        pytest.param(MessageIds.HEX, "5", {"5"}, id="one digit is the same in hex"),
        pytest.param(MessageIds.DECIMAL, "A1", {"161"}, id="letters of hex"),
        pytest.param(MessageIds.HEX, "0118Z-0122I", {"0118Z-0122I"}, id="no number"),
    ],
)
def test_an_smsc_that_says_how_it_writes_ids(message_ids: MessageIds, in_receipt: str, means: set[str]) -> None:
    ids = receipt.meant(read(came(f"id:{in_receipt} stat:DELIVRD")).ids, message_ids)
    assert {one.id for one in ids if not one.id.startswith("0") or one.id == in_receipt} == means


def test_what_is_no_word_is_not_kept() -> None:
    """An id goes to a database, which takes no NUL, and to logs, which take no escape sequences."""
    pdu = came("id:\x1b[2J stat:DELIVRD", tlvs=((Tag.RECEIPTED_MESSAGE_ID, b"\x01\x02"),))
    assert read(pdu).ids == ()
    assert len(read(came("id:" + "9" * 200)).ids[0].id) == receipt.WORD_LENGTH_MAX


class TestNothingRaises:
    @given(st.binary(max_size=254), st.integers(0, 255), st.integers(0, 255))
    def test_any_octets(self, octets: bytes, data_coding: int, esm_class: int) -> None:
        receipt.read(came(octets, data_coding, esm_class | 0x04))

    @given(st.lists(st.sampled_from([*ALL_TEXTS, " ", ":", "id:", "stat:", "\0", "ж"]), max_size=8), st.integers(0, 9))
    def test_any_mixture_of_fields(self, words: list[str], data_coding: int) -> None:
        receipt.read(came("".join(words).encode("utf-8"), data_coding))

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([Tag.RECEIPTED_MESSAGE_ID, Tag.MESSAGE_STATE, Tag.NETWORK_ERROR_CODE]),
                st.binary(max_size=70),
            ),
            max_size=4,
        ).map(tuple)
    )
    def test_any_parameters(self, tlvs: Tlvs) -> None:
        found = read(came("id:1", tlvs=tlvs))
        assert all(each.id.isprintable() for each in found.ids)

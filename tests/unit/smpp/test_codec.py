"""PDUs octet by octet: each row is what a peer sends, and what it is."""

from dataclasses import replace

import pytest

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.messages import (
    Address,
    AlertNotification,
    Bind,
    BindMode,
    BindResp,
    CancelSm,
    CommandId,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Outbind,
    Pdu,
    PlainResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.status import Status
from gateway.smpp.pdu.tlv import Tag

SHORT = Address("6111", 3, 0)
PHONE = Address("79210000001", 1, 1)
ASKED = "Баланс".encode("utf-16-be")

SHORT_HEX = "0300 3631313100"
PHONE_HEX = "0101 373932313030303030303100"


def octets(*parts: str) -> bytes:
    return bytes.fromhex("".join(parts).replace(" ", ""))


def whole(command_id: int, *body: str, status: int = 0, sequence: int = 1) -> bytes:
    """A PDU of a body in hex, its length put right."""
    after = octets(*body)
    return octets(f"{16 + len(after):08x}{command_id:08x}{status:08x}{sequence:08x}") + after


BIND_3_2_2 = octets(
    "0000002F 00000002 00000000 00000001 53 4D 50 50 33 54 45 53 54 00",
    "73 65 63 72 65 74 30 38 00 53 55 42 4D 49 54 31 00 00 01 01 00",
)

VECTORS: list[tuple[str, bytes, Pdu]] = [
    (
        "bind_transmitter, the example of 3.2.2",
        BIND_3_2_2,
        Bind(1, BindMode.TRANSMITTER, "SMPP3TEST", "secret08", "SUBMIT1", 0, Address("", 1, 1)),
    ),
    (
        "bind_transceiver",
        whole(0x09, "6200 7000 00 34 00 00 3631313100"),
        Bind(1, BindMode.TRANSCEIVER, "b", "p", address_range=Address("6111")),
    ),
    ("bind_receiver", whole(0x01, "6200 00 00 34 00 00 00"), Bind(1, BindMode.RECEIVER, "b", "")),
    (
        "bind_transceiver_resp with the SMSC's version",
        whole(0x80000009, "736D736300 0210 0001 34"),
        BindResp(1, BindMode.TRANSCEIVER, 0, "smsc", ((Tag.SC_INTERFACE_VERSION, b"\x34"),)),
    ),
    ("bind_receiver_resp, refused", whole(0x80000001, status=0x0D), BindResp(1, BindMode.RECEIVER, 0x0D)),
    ("outbind", whole(0x0B, "7300 7000"), Outbind(1, "s", "p")),
    ("unbind", whole(0x06), Unbind(1)),
    ("unbind_resp", whole(0x80000006), PlainResp(1, CommandId.UNBIND)),
    ("enquire_link", whole(0x15), EnquireLink(1)),
    ("enquire_link_resp", whole(0x80000015), PlainResp(1, CommandId.ENQUIRE_LINK)),
    ("generic_nack", whole(0x80000000, status=3), GenericNack(1, 3)),
    (
        "submit_sm with every field",
        whole(
            0x04,
            "434D5400",
            SHORT_HEX,
            PHONE_HEX,
            "40 01 02",
            "323631313231303030303030303030 2b00",
            "303030303030303031303030303030 5200",
            "11 01 08 05",
            "08 050003090201 0411",
            "0204 0002 0007",
        ),
        SubmitSm(
            1,
            SHORT,
            PHONE,
            b"\x05\x00\x03\x09\x02\x01\x04\x11",
            data_coding=8,
            esm_class=0x40,
            registered_delivery=0x11,
            service_type="CMT",
            protocol_id=1,
            priority_flag=2,
            schedule_delivery_time="261121000000000+",
            validity_period="000000001000000R",
            replace_if_present=1,
            sm_default_msg_id=5,
            tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\x00\x07"),),
        ),
    ),
    ("submit_sm_resp", whole(0x80000004, "3132333400"), SubmitSmResp(1, 0, "1234")),
    ("submit_sm_resp, refused, has no body", whole(0x80000004, status=0x58), SubmitSmResp(1, 0x58)),
    (
        "deliver_sm: a subscriber texts in Russian",
        whole(0x05, "00", PHONE_HEX, SHORT_HEX, "00 00 00 00 00 00 00 08 00 0c", ASKED.hex()),
        DeliverSm(1, PHONE, SHORT, ASKED, data_coding=8),
    ),
    (
        "deliver_sm: the text in message_payload",
        whole(0x05, "00", PHONE_HEX, SHORT_HEX, "00 00 00 00 00 00 00 08 00 00 0424 000c", ASKED.hex()),
        DeliverSm(1, PHONE, SHORT, data_coding=8, tlvs=((Tag.MESSAGE_PAYLOAD, ASKED),)),
    ),
    (
        "deliver_sm: a vendor's parameter with octets beyond ASCII",
        whole(0x05, "00", PHONE_HEX, SHORT_HEX, "00 00 00 00 00 00 00 00 00 00 1400 0002 d0ff"),
        DeliverSm(1, PHONE, SHORT, tlvs=((0x1400, b"\xd0\xff"),)),
    ),
    (
        "deliver_sm: USSD, a subscriber dials",
        whole(0x05, "5553534400", PHONE_HEX, SHORT_HEX, "00 00 00 00 00 00 00 0f 00 00 0501 0001 01 1383 0002 2a00"),
        DeliverSm(
            1,
            PHONE,
            SHORT,
            data_coding=0x0F,
            service_type="USSD",
            tlvs=((Tag.USSD_SERVICE_OP, b"\x01"), (Tag.ITS_SESSION_INFO, b"\x2a\x00")),
        ),
    ),
    (
        "deliver_sm: a sender with a name, a message class, a parameter of length 0",
        whole(0x05, "00 05 00 42616e6b00", SHORT_HEX, "04 00 00 00 00 00 00 f1 00 02 4f4b 001e 0000"),
        DeliverSm(
            1,
            Address("Bank", 5, 0),
            SHORT,
            b"OK",
            data_coding=0xF1,
            esm_class=4,
            tlvs=((Tag.RECEIPTED_MESSAGE_ID, b""),),
        ),
    ),
    ("deliver_sm_resp carries one NUL", whole(0x80000005, "00"), DeliverSmResp(1)),
    ("deliver_sm_resp, not now", whole(0x80000005, "00", status=0x64), DeliverSmResp(1, 0x64)),
    (
        "data_sm",
        whole(0x103, "00", PHONE_HEX, SHORT_HEX, "00 01 00 0424 0002 4f4b"),
        DataSm(1, PHONE, SHORT, registered_delivery=1, tlvs=((Tag.MESSAGE_PAYLOAD, b"OK"),)),
    ),
    ("data_sm_resp", whole(0x80000103, "3900"), DataSmResp(1, 0, "9")),
    ("query_sm", whole(0x03, "3900", SHORT_HEX), QuerySm(1, "9", SHORT)),
    (
        "query_sm_resp",
        whole(0x80000003, "3900 3236313132313030303030303030302b00 02 00"),
        QuerySmResp(1, 0, "9", "261121000000000+", 2, 0),
    ),
    ("cancel_sm", whole(0x08, "00 3900", SHORT_HEX, PHONE_HEX), CancelSm(1, "9", SHORT, PHONE)),
    ("cancel_sm_resp", whole(0x80000008, status=0x11), PlainResp(1, CommandId.CANCEL_SM, 0x11)),
    ("replace_sm", whole(0x07, "3900", SHORT_HEX, "00 00 01 00 02 4f4b"), ReplaceSm(1, "9", SHORT, b"OK", "", "", 1)),
    ("replace_sm_resp", whole(0x80000007), PlainResp(1, CommandId.REPLACE_SM)),
    (
        "alert_notification",
        whole(0x102, PHONE_HEX, SHORT_HEX, "0422 0001 00"),
        AlertNotification(1, PHONE, SHORT, ((Tag.MS_AVAILABILITY_STATUS, b"\x00"),)),
    ),
    ("the highest sequence", whole(0x15, sequence=0xFFFFFFFF), EnquireLink(0xFFFFFFFF)),
    ("sequence 0", whole(0x15, sequence=0), EnquireLink(0)),
]


@pytest.mark.parametrize(("data", "pdu"), [pytest.param(data, pdu, id=label) for label, data, pdu in VECTORS])
def test_each_pdu_both_ways(data: bytes, pdu: Pdu) -> None:
    assert codec.decode(data) == pdu
    assert codec.encode(pdu) == data


@pytest.mark.parametrize(
    ("data", "pdu"),
    [
        pytest.param(whole(0x80000009), BindResp(1, BindMode.TRANSCEIVER), id="bind_resp without a body"),
        pytest.param(whole(0x80000004), SubmitSmResp(1), id="submit_sm_resp without a body"),
        pytest.param(whole(0x80000004, "3132"), SubmitSmResp(1, 0, "12"), id="message_id without its NUL"),
        pytest.param(whole(0x80000004, "3132 00 02"), SubmitSmResp(1, 0, "12"), id="torn parameter of a response"),
        pytest.param(whole(0x80000004, "31" * 80), SubmitSmResp(1), id="message_id that never ends"),
        pytest.param(whole(0x80000005), DeliverSmResp(1), id="deliver_sm_resp without a body"),
        pytest.param(whole(0x80000003), QuerySmResp(1), id="query_sm_resp without a body"),
        pytest.param(whole(0x15, "ffff"), EnquireLink(1), id="octets after enquire_link"),
        pytest.param(whole(0x15, status=9), EnquireLink(1), id="a request with a status"),
    ],
)
def test_what_networks_send_is_read(data: bytes, pdu: Pdu) -> None:
    assert codec.decode(data) == pdu


TAIL = "00 00 00 00 00 00 00 00 00 00"


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        pytest.param(
            whole(0x05, "00", PHONE_HEX, SHORT_HEX, TAIL, "0424 000a 4f4b"),
            DeliverSmResp(1, Status.RINVOPTPARSTREAM),
            id="torn parameter",
        ),
        pytest.param(
            whole(0x04, "00", PHONE_HEX, SHORT_HEX, TAIL, "04"),
            SubmitSmResp(1, Status.RINVOPTPARSTREAM),
            id="a parameter's first octet",
        ),
        pytest.param(
            whole(0x05, "00", PHONE_HEX, SHORT_HEX, "00 00 00 00 00 00 00 00 00 05 4f4b"),
            DeliverSmResp(1, Status.RINVMSGLEN),
            id="sm_length beyond the end",
        ),
        pytest.param(
            whole(0x04, "00", PHONE_HEX, SHORT_HEX, "00 00 00 00 00 00 00 00 00 ff", "41" * 255),
            SubmitSmResp(1, Status.RINVMSGLEN),
            id="sm_length 255",
        ),
        pytest.param(
            whole(0x04, "00 01 01", "39" * 21, "00", SHORT_HEX, TAIL),
            SubmitSmResp(1, Status.RINVSRCADR),
            id="source of 21 digits",
        ),
        pytest.param(
            whole(0x04, "00", SHORT_HEX, "01 01", "39" * 21, "00", TAIL),
            SubmitSmResp(1, Status.RINVDSTADR),
            id="destination of 21 digits",
        ),
        pytest.param(whole(0x04), SubmitSmResp(1, Status.RINVCMDLEN), id="submit_sm without a body"),
        pytest.param(whole(0x09, "62"), BindResp(1, BindMode.TRANSCEIVER, Status.RINVCMDLEN), id="bind of one octet"),
        pytest.param(
            whole(0x02, "62" * 16, "00 00 00 34 00 00 00"),
            BindResp(1, BindMode.TRANSMITTER, Status.RINVSYSID),
            id="system_id of 16 octets",
        ),
        pytest.param(whole(0x03), QuerySmResp(1, Status.RINVCMDLEN), id="query_sm without a body"),
        pytest.param(whole(0x08), PlainResp(1, CommandId.CANCEL_SM, Status.RINVCMDLEN), id="cancel_sm without a body"),
        pytest.param(whole(0x21, sequence=7), GenericNack(7, Status.RINVCMDID), id="submit_multi, which nobody speaks"),
        pytest.param(whole(0xDEAD, sequence=7), GenericNack(7, Status.RINVCMDID), id="unknown command"),
        pytest.param(whole(0x8000DEAD), None, id="unknown response: never answered"),
        pytest.param(b"\x00\x00\x00\x11" + whole(0x15)[4:], GenericNack(1, Status.RINVCMDLEN), id="another length"),
        pytest.param(b"\x00\x00\x00", GenericNack(0, Status.RINVCMDLEN), id="less than a header"),
    ],
)
def test_what_cannot_be_read_names_its_answer(data: bytes, answer: Pdu | None) -> None:
    with pytest.raises(PduError) as caught:
        codec.decode(data)
    assert codec.refusal(caught.value) == answer


MESSAGE = SubmitSm(1, SHORT, PHONE, b"OK")


@pytest.mark.parametrize(
    ("pdu", "says"),
    [
        pytest.param(replace(MESSAGE, short_message=b"a" * 255), "at most 254", id="255 octets of text"),
        pytest.param(replace(MESSAGE, tlvs=((Tag.MESSAGE_PAYLOAD, b"OK"),)), "never both", id="text in both places"),
        pytest.param(replace(MESSAGE, source=Address("9" * 21)), "at most 20", id="21 digits"),
        pytest.param(replace(MESSAGE, source=Address("61\x0011")), "none of them NUL", id="NUL inside"),
        pytest.param(replace(MESSAGE, source=Address("Больше", 5)), "Latin-1", id="Cyrillic sender"),
        pytest.param(replace(MESSAGE, source=Address("6111", 256)), "TON is one octet", id="TON 256"),
        pytest.param(replace(MESSAGE, data_coding=256), "range", id="data_coding 256"),
        pytest.param(replace(MESSAGE, sequence=2**32), "sequence_number", id="sequence of 33 bits"),
        pytest.param(Bind(1, BindMode.RECEIVER, "b", "p" * 9), "password takes at most 8", id="password of 9"),
    ],
)
def test_our_own_mistakes_are_loud(pdu: Pdu, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        codec.encode(pdu)


def test_254_octets_and_20_digits_fit() -> None:
    longest = replace(MESSAGE, short_message=b"a" * 254, source=Address("9" * 20))
    assert codec.decode(codec.encode(longest)) == longest


def test_the_text_is_found_in_either_place() -> None:
    assert MESSAGE.payload == b"OK"
    assert SubmitSm(1, SHORT, PHONE, tlvs=((Tag.MESSAGE_PAYLOAD, b"long"),)).payload == b"long"
    assert SubmitSm(1, SHORT, PHONE).payload == b""
    assert DataSm(1, SHORT, PHONE, tlvs=((Tag.MESSAGE_PAYLOAD, b"data"),)).payload == b"data"


def test_a_password_is_not_shown() -> None:
    assert "secret08" not in repr(codec.decode(BIND_3_2_2))

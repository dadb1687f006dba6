"""Wireshark's dissector reads what our codec writes, finds no fault in it, and means the same by it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from gateway.pack import Pack, compile_pack
from gateway.smpp.pdu import codec, tlv
from gateway.smpp.pdu.messages import (
    AlertNotification,
    Bind,
    BindResp,
    GenericNack,
    MessageResp,
    Outbind,
    Pdu,
    PlainResp,
    QuerySmResp,
    ReplaceSm,
    ShortMessage,
    SubmitSm,
)
from gateway.smpp.pdu.tlv import Tag
from gateway.store.ledger import Ledger
from simulator.smsc.trace import shown
from tests.integration.sms.scene import Scene, scene
from tests.interop import capture, peers
from tests.interop.capture import Read, Sent
from tests.unit.smpp.test_codec import VECTORS

Value = int | str | bytes
LONG_TEXT = "Где мой подарок? " * 40


@pytest.fixture(autouse=True)
def tshark() -> None:
    peers.require(peers.TSHARK)


@pytest.fixture
async def stage(ledger: Ledger, database_url: str, pack: Pack) -> AsyncIterator[Scene]:
    async with scene(ledger, database_url, pack) as set_:
        yield set_


def _of(name: str, *kinds: type) -> Callable[[Pdu], Value | None]:
    """A field of a PDU, where it has it; dots lead to what is inside."""

    def value(pdu: Pdu) -> Value | None:
        found: object = pdu
        if kinds and not isinstance(pdu, kinds):
            return None
        for part in name.split("."):
            found = getattr(found, part, None)
        return found if isinstance(found, int | str | bytes) else None

    return value


def _number(tag: Tag) -> Callable[[Pdu], Value | None]:
    return lambda pdu: tlv.number(getattr(pdu, "tlvs", ()), tag)


def _octets(tag: Tag) -> Callable[[Pdu], Value | None]:
    return lambda pdu: tlv.octets(getattr(pdu, "tlvs", ()), tag) or None


def _bits(name: str, mask: int, shift: int) -> Callable[[Pdu], Value | None]:
    def value(pdu: Pdu) -> Value | None:
        whole = _of(name)(pdu)
        return whole >> shift & mask if isinstance(whole, int) else None

    return value


_RESPONSES = (BindResp, MessageResp, QuerySmResp, PlainResp, GenericNack)
_NAMED = (Bind, Outbind, BindResp)

MEANT: Mapping[str, Callable[[Pdu], Value | None]] = {
    "smpp.sequence_number": _of("sequence"),
    "smpp.command_status": _of("status", *_RESPONSES),
    "smpp.system_id": _of("system_id", *_NAMED),
    "smpp.password": _of("password"),
    "smpp.system_type": _of("system_type"),
    "smpp.interface_version": _of("interface_version"),
    "smpp.address_range": _of("address_range.digits"),
    "smpp.service_type": _of("service_type"),
    "smpp.source_addr": _of("source.digits"),
    "smpp.source_addr_ton": _of("source.ton"),
    "smpp.source_addr_npi": _of("source.npi"),
    "smpp.destination_addr": _of("destination.digits"),
    "smpp.dest_addr_ton": _of("destination.ton"),
    "smpp.dest_addr_npi": _of("destination.npi"),
    "smpp.esme_addr": _of("esme.digits", AlertNotification),
    "smpp.esm.submit.msg_mode": _bits("esm_class", 3, 0),
    "smpp.esm.submit.msg_type": _bits("esm_class", 15, 2),
    "smpp.esm.submit.features": _bits("esm_class", 3, 6),
    "smpp.regdel.receipt": _bits("registered_delivery", 3, 0),
    "smpp.regdel.notif": _bits("registered_delivery", 1, 4),
    "smpp.protocol_id": _of("protocol_id"),
    "smpp.priority_flag": _of("priority_flag"),
    "smpp.replace_if_present_flag": _of("replace_if_present"),
    "smpp.data_coding": _of("data_coding"),
    "smpp.sm_default_msg_id": _of("sm_default_msg_id"),
    "smpp.message": _of("short_message", ShortMessage, ReplaceSm),
    "smpp.message_id": _of("message_id"),
    "smpp.error_code": _of("error_code"),
    "smpp.message_payload": _octets(Tag.MESSAGE_PAYLOAD),
    "smpp.user_message_reference": _number(Tag.USER_MESSAGE_REFERENCE),
    "smpp.sar_msg_ref_num": _number(Tag.SAR_MSG_REF_NUM),
    "smpp.sar_total_segments": _number(Tag.SAR_TOTAL_SEGMENTS),
    "smpp.sar_segment_seqnum": _number(Tag.SAR_SEGMENT_SEQNUM),
    "smpp.SC_interface_version": _number(Tag.SC_INTERFACE_VERSION),
    "smpp.ms_availability_status": _number(Tag.MS_AVAILABILITY_STATUS),
    "smpp.ussd_service_op": _number(Tag.USSD_SERVICE_OP),
    "smpp.receipted_message_id": lambda pdu: tlv.text(getattr(pdu, "tlvs", ()), Tag.RECEIPTED_MESSAGE_ID),
    "smpp.message_state": lambda pdu: (
        pdu.message_state if isinstance(pdu, QuerySmResp) else _number(Tag.MESSAGE_STATE)(pdu)
    ),
}
"""By the dissector's names, what our codec makes of the same. Times are apart: it reckons with them."""
NOTHING = {"", "(Default)"}
"""How tshark shows an empty string."""
TAGS, COMMAND, VALIDITY = "smpp.opt_param_tag", "smpp.command_id", "smpp.validity_period_r"


def assert_read_alike(pdu: Pdu, read: Read) -> None:
    """Each field that both have; where ours is nothing, theirs may be absent, or nothing."""
    assert [int(value, 0) for value in read[COMMAND]] == [int.from_bytes(codec.encode(pdu)[4:8], "big")]
    assert [int(value, 0) for value in read[TAGS]] == [tag for tag, _ in getattr(pdu, "tlvs", ())]
    for name, meant in MEANT.items():
        value = meant(pdu)
        if value in {None, "", b""}:
            assert set(read[name]) <= NOTHING, f"{name} of {pdu}"
        else:
            assert [_like(value, found) for found in read[name]] == [value], f"{name} of {pdu}"


def _like(value: Value, found: str) -> Value:
    """What tshark wrote, as the kind that ours is."""
    match value:
        case int():
            return int(found, 0)
        case bytes():
            return bytes.fromhex(found.replace(":", ""))
        case str():
            return found


def dissected(path: Path, sent: Sequence[Sent]) -> list[Read]:
    capture.written(path, sent)
    return capture.read(path, [COMMAND, TAGS, VALIDITY, *MEANT])


def test_every_kind_of_pdu(tmp_path: Path) -> None:
    """Those of the codec's own tests, tolerated oddities and all."""
    read = dissected(tmp_path / "vectors.pcap", [Sent("in", octets) for _, octets, _ in VECTORS])
    assert len(read) == len(VECTORS)
    for (_, _, pdu), found in zip(VECTORS, read, strict=True):
        assert_read_alike(pdu, found)


def test_a_torn_parameter_is_a_fault_to_tshark_as_well(tmp_path: Path) -> None:
    """So that the silence of the others means something."""
    _, octets, _ = next(vector for vector in VECTORS if "a vendor's parameter" in vector[0])
    torn = octets[:3] + bytes((len(octets) - 1,)) + octets[4:-1]
    with pytest.raises(AssertionError, match="PDU 1: Malformed"):
        dissected(tmp_path / "torn.pcap", [Sent("out", torn)])


@pytest.mark.anyio
@pytest.mark.parametrize("concatenation", ["udh8", "udh16", "sar", "payload"])
async def test_a_session_of_our_two_ends(stage: Scene, tmp_path: Path, concatenation: str) -> None:
    """A gateway binds to our SMSC; texts of one part and of eleven, long answers, receipts, a question, a goodbye."""
    help_ = {"texts/ru/help.shown.j2": "Длинная помощь 😀 с буквами и € " * 10}
    async with stage.gateway(f"concatenation={concatenation}&enquire_s=1", compile_pack({**stage.pack.files, **help_})):
        stage.text("Баланс")
        stage.text(f"Помощь {LONG_TEXT}")
        stage.text("Balance")
        await stage.answered(3)
        await stage.until(lambda: "EnquireLink" in kinds(stage), "a quiet line is asked")
    seen = [shown(one) for one in stage.centre.trace.after(0, None)]
    read = dissected(tmp_path / "session.pcap", [Sent(str(one["way"]), bytes.fromhex(str(one["hex"]))) for one in seen])
    assert len(read) == len(seen)
    for one, found in zip(seen, read, strict=True):
        pdu = codec.decode(bytes.fromhex(str(one["hex"])))
        assert_read_alike(pdu, found)
        if isinstance(pdu, SubmitSm):
            assert [float(validity) for validity in found[VALIDITY]] == [seconds(pdu.validity_period)]
    assert {"Bind", "BindResp", "DeliverSmResp", "SubmitSmResp", "Unbind"} <= kinds(stage)


def seconds(relative: str) -> int:
    """What `YYMMDDhhmmss000R` says, where it says no months."""
    days, hours, minutes, rest = (int(relative[at : at + 2]) for at in (4, 6, 8, 10))
    assert (relative[:4], relative[12:]) == ("0000", "000R")
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def kinds(stage: Scene) -> set[object]:
    return {shown(one)["pdu"] for one in stage.centre.trace.after(0, None)}

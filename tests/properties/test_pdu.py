"""Any PDU survives the wire; a second, independent codec agrees; no octets raise anything but our own error."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.framing import Framer
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
    ShortMessage,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.tlv import Tag
from tests.conftest import LONG

MUTANTS = 100_000 if LONG else 10_000
SEED = 34

octet = st.integers(0, 255)
sequence = st.integers(0, 2**32 - 1)


def text(size_max: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=size_max)


def addresses(size_max: int = 20) -> st.SearchStrategy[Address]:
    return st.builds(Address, text(size_max), octet, octet)


tlvs = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=4).map(tuple)


def no_text_twice(message: ShortMessage) -> bool:
    return not (message.short_message and any(tag == Tag.MESSAGE_PAYLOAD for tag, _ in message.tlvs))


def messages(kind: type[ShortMessage], optional: st.SearchStrategy[tuple[tuple[int, bytes], ...]] = tlvs):
    built = st.builds(
        kind,
        sequence,
        addresses(),
        addresses(),
        st.binary(max_size=254),
        octet,
        octet,
        octet,
        text(5),
        octet,
        octet,
        text(16),
        text(16),
        octet,
        octet,
        optional,
    )
    return built.filter(no_text_twice)


plain = st.sampled_from([CommandId.UNBIND, CommandId.ENQUIRE_LINK, CommandId.CANCEL_SM, CommandId.REPLACE_SM])
status = st.integers(1, 2**32 - 1)
modes = st.sampled_from(BindMode)
pdus: st.SearchStrategy[Pdu] = st.one_of(
    messages(SubmitSm),
    messages(DeliverSm),
    st.builds(DataSm, sequence, addresses(64), addresses(64), octet, octet, octet, text(5), tlvs),
    st.builds(Bind, sequence, modes, text(15), text(8), text(12), octet, addresses(40)),
    st.builds(BindResp, sequence, modes, st.just(0), text(15), tlvs),
    st.builds(BindResp, sequence, modes, status),
    st.builds(Outbind, sequence, text(15), text(8)),
    st.builds(SubmitSmResp, sequence, st.just(0), text(64), tlvs),
    st.builds(SubmitSmResp, sequence, status),
    st.builds(DeliverSmResp, sequence, status, text(64), tlvs),
    st.builds(DataSmResp, sequence, status, text(64), tlvs),
    st.builds(QuerySm, sequence, text(64), addresses()),
    st.builds(QuerySmResp, sequence, st.just(0), text(64), text(16), octet, octet),
    st.builds(CancelSm, sequence, text(64), addresses(), addresses(), text(5)),
    st.builds(
        ReplaceSm, sequence, text(64), addresses(), st.binary(max_size=254), text(16), text(16), octet, octet
    ),
    st.builds(AlertNotification, sequence, addresses(64), addresses(64), tlvs),
    st.builds(Unbind, sequence),
    st.builds(EnquireLink, sequence),
    st.builds(PlainResp, sequence, plain, status),
    st.builds(GenericNack, sequence, status),
)  # fmt: skip


@given(pdus)
def test_every_pdu_survives_the_wire(pdu: Pdu) -> None:
    assert codec.decode(codec.encode(pdu)) == pdu


@given(st.lists(pdus, max_size=5), st.randoms(use_true_random=False))
def test_a_stream_is_cut_into_what_was_sent(sent: list[Pdu], draw: random.Random) -> None:
    stream = b"".join(codec.encode(pdu) for pdu in sent)
    cuts = sorted(draw.randrange(len(stream) + 1) for _ in range(6))
    framer = Framer()
    frames = [
        frame for start, end in zip([0, *cuts], [*cuts, None], strict=True) for frame in framer.feed(stream[start:end])
    ]
    assert [codec.decode(frame) for frame in frames] == sent


KNOWN = {
    Tag.USER_MESSAGE_REFERENCE: 2,
    Tag.SOURCE_PORT: 2,
    Tag.SAR_MSG_REF_NUM: 2,
    Tag.SAR_TOTAL_SEGMENTS: 1,
    Tag.SAR_SEGMENT_SEQNUM: 1,
    Tag.LANGUAGE_INDICATOR: 1,
    Tag.ITS_SESSION_INFO: 2,
}
"""Parameters that the other library knows in both kinds of message, in the order in which it writes them."""

known_tlvs = st.fixed_dictionaries(
    {}, optional={tag: st.binary(min_size=size, max_size=size) for tag, size in KNOWN.items()}
).map(lambda found: tuple((int(tag), found[tag]) for tag in KNOWN if tag in found))

NAMES = {
    "service_type": "service_type",
    "esm_class": "esm_class",
    "protocol_id": "protocol_id",
    "priority_flag": "priority_flag",
    "schedule_delivery_time": "schedule_delivery_time",
    "validity_period": "validity_period",
    "registered_delivery": "registered_delivery",
    "replace_if_present": "replace_if_present_flag",
    "data_coding": "data_coding",
    "sm_default_msg_id": "sm_default_msg_id",
    "short_message": "short_message",
}


def as_theirs(message: ShortMessage) -> dict[str, object]:
    """Our message in the other library's words."""
    said = {theirs: getattr(message, ours) for ours, theirs in NAMES.items()}
    for ours, theirs in (("source", "source_addr"), ("destination", "dest_addr")):
        address = getattr(message, ours)
        said[f"{theirs}_ton"], said[f"{theirs}_npi"] = address.ton, address.npi
        said["source_addr" if ours == "source" else "destination_addr"] = address.digits
    for tag, value in message.tlvs:
        said[Tag(tag).name.lower()] = int.from_bytes(value, "big")
    return said


@pytest.mark.parametrize(("kind", "command"), [(SubmitSm, "submit_sm"), (DeliverSm, "deliver_sm")])
@given(data=st.data())
def test_an_independent_codec_writes_what_we_read(kind: type[ShortMessage], command: str, data: st.DataObject) -> None:
    message = data.draw(messages(kind, known_tlvs))
    theirs = smpp.make_pdu(command, sequence=message.sequence, **as_theirs(message))
    theirs.sequence = message.sequence
    written = theirs.generate()
    assert codec.decode(written) == message
    assert codec.encode(message) == written


@pytest.mark.parametrize(("kind", "command"), [(SubmitSm, "submit_sm"), (DeliverSm, "deliver_sm")])
@given(data=st.data())
def test_an_independent_codec_reads_what_we_write(kind: type[ShortMessage], command: str, data: st.DataObject) -> None:
    message = data.draw(messages(kind, known_tlvs))
    theirs = smpp.parse_pdu(codec.encode(message), allow_unknown_opt_params=False, sequence=1)
    said = {
        name: value.encode("latin-1") if isinstance(value, str) else value for name, value in as_theirs(message).items()
    }
    assert theirs.command == command
    assert theirs.sequence == message.sequence
    # An empty text is nothing at all there.
    assert {name: getattr(theirs, name) or b"" if said[name] == b"" else getattr(theirs, name) for name in said} == said


@given(st.builds(Bind, sequence, modes, text(15), text(8), text(12), st.just(0x34), addresses(40)))
def test_an_independent_codec_reads_our_bind(bind: Bind) -> None:
    theirs = smpp.parse_pdu(codec.encode(bind), sequence=1)
    assert theirs.command == f"bind_{bind.mode.name.lower()}"
    assert (theirs.system_id, theirs.password, theirs.system_type, theirs.address_range) == tuple(
        value.encode() for value in (bind.system_id, bind.password, bind.system_type, bind.address_range.digits)
    )
    assert (theirs.addr_ton, theirs.addr_npi) == (bind.address_range.ton, bind.address_range.npi)


PHONE, SHORT = Address("79210000001", 1, 1), Address("6111", 3, 0)
RECEIPT = b"id:0A1 sub:001 dlvrd:001 submit date:2611210101 done date:261121010203 stat:DELIVRD err:0A1 Text:"
PARENTS: tuple[Pdu, ...] = (
    Bind(1, BindMode.TRANSCEIVER, "bolshe", "pass", "smpp"),
    BindResp(2, BindMode.TRANSCEIVER, 0, "smsc", ((Tag.SC_INTERFACE_VERSION, b"\x34"),)),
    SubmitSm(3, SHORT, PHONE, "Баланс".encode("utf-16-be"), 8, tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\0\1"),)),
    DeliverSm(4, PHONE, SHORT, RECEIPT, 0, 4, tlvs=((Tag.RECEIPTED_MESSAGE_ID, b"0A1\0"), (Tag.MESSAGE_STATE, b"\2"))),
    DeliverSm(5, PHONE, SHORT, tlvs=((Tag.MESSAGE_PAYLOAD, b"a" * 300), (0x1400, b"\xff\xfe"))),
    DataSm(6, PHONE, SHORT, tlvs=((Tag.MESSAGE_PAYLOAD, b"OK"),)),
    SubmitSmResp(7, 0, "0000000A"),
    QuerySmResp(8, 0, "A", "261121000000000", 2, 0),
    CancelSm(9, "A", SHORT, PHONE),
    ReplaceSm(10, "A", SHORT, b"OK"),
    AlertNotification(11, PHONE, SHORT),
    EnquireLink(12),
)


def mutated(data: bytes, draw: random.Random) -> bytes:
    """A PDU with octets changed, taken out, put in or cut off; its length mostly right, so that bodies are read."""
    octets = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(4, len(octets)) if len(octets) > 4 else 0
        match draw.randrange(4):
            case 0:
                octets[at : at + 1] = bytes((draw.randrange(256),))
            case 1:
                del octets[at : at + draw.randint(1, 8)]
            case 2:
                octets[at:at] = draw.randbytes(draw.randint(1, 30))
            case _:
                del octets[at:]
    if draw.random() < 0.9:
        octets[:4] = len(octets).to_bytes(4, "big")
    return bytes(octets)


def test_mutated_pdus_raise_nothing_but_our_error_and_always_have_an_answer() -> None:
    draw = random.Random(SEED)
    parents = [codec.encode(pdu) for pdu in PARENTS]
    read = 0
    for _ in range(MUTANTS):
        data = mutated(draw.choice(parents), draw)
        try:
            pdu = codec.decode(data)
        except PduError as error:
            answer = codec.refusal(error)
            if answer is not None:
                assert codec.decode(codec.encode(answer)) == answer
                assert answer.sequence in {0, int.from_bytes(data[12:16], "big")}
        else:
            read += 1
            assert pdu.sequence == int.from_bytes(data[12:16], "big")
    assert read > MUTANTS // 10, "most mutants die in the header: this shows too little"


@given(st.binary(max_size=300))
def test_any_octets_are_pdus_or_our_error(data: bytes) -> None:
    try:
        for frame in Framer().feed(data):
            codec.decode(frame)
    except PduError:
        pass

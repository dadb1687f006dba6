"""An SMSC of SMPP 5.0 is served as one of 3.4: what it has beside is let by."""

import pytest

from gateway.smpp import receipt
from gateway.smpp.events import Answered, Bound, Delivered
from gateway.smpp.pdu.messages import Bind, BindResp, CommandId, DataSm, DeliverSm, GenericNack, SubmitSmResp
from gateway.smpp.pdu.status import Status
from gateway.smpp.pdu.tlv import Tag, Tlvs
from gateway.smpp.session import Session
from gateway.smpp.states import State
from tests.unit.smpp.bench import LINK, NOON, PHONE, SHORT, SUBMIT, TRX, hear, opened, said, wire

DEST_NETWORK_ID, BILLING_IDENTIFICATION, VENDORS = 0x060E, 0x060B, 0x1F05
BROADCAST_SM, BROADCAST_SM_RESP = 0x0111, 0x8000_0111
BESIDE: Tlvs = ((DEST_NETWORK_ID, b"mno\0"), (BILLING_IDENTIFICATION, b"\x80\xff\xfe"), (VENDORS, b""))


def header(command_id: int, sequence: int) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in (16, command_id, 0, sequence))


@pytest.mark.parametrize(
    "tlvs",
    [
        pytest.param((), id="says no version"),
        pytest.param(((Tag.SC_INTERFACE_VERSION, b"\x33"),), id="3.3"),
        pytest.param(((Tag.SC_INTERFACE_VERSION, b"\x34"),), id="3.4"),
        pytest.param(((Tag.SC_INTERFACE_VERSION, b"\x50"),), id="5.0"),
        pytest.param(((Tag.SC_INTERFACE_VERSION, b""),), id="an empty one"),
        pytest.param(((Tag.SC_INTERFACE_VERSION, b"\x50"), *BESIDE), id="and more"),
    ],
)
def test_whatever_version_it_says_we_are_bound(tlvs: Tlvs) -> None:
    session = opened(State.BINDING)
    assert hear(session, BindResp(1, TRX, 0, "smsc", tlvs)) == [Bound("smsc")]


def test_what_it_asks_of_a_version_is_ours_of_3_4() -> None:
    session = Session(LINK)
    session.connect(NOON)
    (asked,) = said(session)
    assert isinstance(asked, Bind)
    assert asked.interface_version == 0x34


@pytest.mark.parametrize("load", [0, 85, 100, 255])
def test_congestion_in_an_answer_is_let_by(load: int) -> None:
    session = opened()
    sequence = session.submit(SUBMIT, NOON)
    answer = SubmitSmResp(sequence, 0, "A1", ((Tag.CONGESTION_STATE, bytes((load,))), *BESIDE))
    assert hear(session, answer) == [Answered(answer)]
    assert session.state is State.BOUND_TRX


@pytest.mark.parametrize(
    "pdu",
    [
        pytest.param(DeliverSm(7, PHONE, SHORT, b"hi", tlvs=BESIDE), id="deliver_sm"),
        pytest.param(DataSm(7, PHONE, SHORT, tlvs=((Tag.MESSAGE_PAYLOAD, b"hi"), *BESIDE)), id="data_sm"),
    ],
)
def test_a_message_with_parameters_of_5_0_is_one(pdu: DeliverSm | DataSm) -> None:
    session = opened()
    assert hear(session, pdu) == [Delivered(1, pdu)]
    assert pdu.payload == b"hi"


def test_an_operation_that_only_5_0_has_is_nacked_and_its_answer_let_by() -> None:
    session = opened()
    assert session.receive(header(BROADCAST_SM, 9) + header(BROADCAST_SM_RESP, 9), NOON) == []
    assert said(session) == [GenericNack(9, Status.RINVCMDID)]
    assert session.state is State.BOUND_TRX


@pytest.mark.parametrize(
    ("state", "read"),
    [pytest.param(0, receipt.State.ENROUTE, id="SCHEDULED"), pytest.param(9, receipt.State.SKIPPED, id="SKIPPED")],
)
def test_states_that_only_5_0_has(state: int, read: receipt.State) -> None:
    tlvs: Tlvs = ((Tag.RECEIPTED_MESSAGE_ID, b"A1\0"), (Tag.MESSAGE_STATE, bytes((state,))))
    seen = receipt.read(DeliverSm(7, PHONE, SHORT, esm_class=4, tlvs=tlvs))
    assert seen is not None
    assert seen.state is read


def test_nothing_that_it_sends_is_an_unanswered_request() -> None:
    """Each known request with the parameters of 5.0 behind it: one answer, or a message that is told."""
    session = opened()
    octets = wire(DeliverSm(1, PHONE, SHORT, b"a", tlvs=BESIDE), DeliverSm(2, PHONE, SHORT, b"b", tlvs=BESIDE))
    events = session.receive(octets, NOON)
    for event in events:
        assert isinstance(event, Delivered)
        session.answer(event.token, 0)
    assert [pdu.sequence for pdu in said(session)] == [1, 2]
    assert CommandId.DELIVER_SM == 5

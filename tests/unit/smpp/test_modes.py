"""A link that goes one way: which PDU each mode allows (3.4, table 2-1), and what is done with the others."""

from dataclasses import replace

import pytest

from gateway.smpp.events import BindRefused, Bound, Closed, Delivered, Event, Reason
from gateway.smpp.pdu.messages import (
    AlertNotification,
    Bind,
    BindMode,
    BindResp,
    CommandId,
    DataSmResp,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Pdu,
    PlainResp,
    Unbind,
)
from gateway.smpp.pdu.status import Status
from gateway.smpp.session import Session
from gateway.smpp.states import BOUND, IllegalStepError, State
from tests.unit.smpp.bench import DATA, DELIVER, LINK, NOON, PHONE, SHORT, SUBMIT, hear, opened, said

TX, RX, TRX = BindMode.TRANSMITTER, BindMode.RECEIVER, BindMode.TRANSCEIVER
ALERT = AlertNotification(7, PHONE, SHORT)


@pytest.mark.parametrize("mode", BindMode)
def test_each_mode_binds_by_its_own_request(mode: BindMode) -> None:
    session = Session(replace(LINK, bind=mode))
    session.connect(NOON)
    (asked,) = said(session)
    assert isinstance(asked, Bind)
    assert asked.mode is mode
    assert hear(session, BindResp(1, mode, 0, "smsc")) == [Bound("smsc")]
    assert session.state is BOUND[mode]
    assert session.is_bound


@pytest.mark.parametrize("mode", BindMode)
def test_each_mode_may_be_refused_or_not_answered(mode: BindMode) -> None:
    refused, silent = Session(replace(LINK, bind=mode)), Session(replace(LINK, bind=mode))
    refused.connect(NOON)
    assert hear(refused, BindResp(1, mode, 0x0D)) == [BindRefused(0x0D), Closed(Reason.BIND_REFUSED, ())]
    silent.connect(NOON)
    assert silent.advance(NOON + LINK.bind_s) == [Closed(Reason.BIND_UNANSWERED, ())]


@pytest.mark.parametrize(
    ("state", "asked", "told", "answer"),
    [
        pytest.param(State.BOUND_TX, EnquireLink(7), [], PlainResp(7, CommandId.ENQUIRE_LINK), id="TX enquire_link"),
        pytest.param(State.BOUND_TX, DATA, [Delivered(1, DATA)], None, id="TX data_sm"),
        pytest.param(State.BOUND_TX, DELIVER, [], DeliverSmResp(7, LINK.not_now), id="TX deliver_sm"),
        pytest.param(State.BOUND_TX, ALERT, [], GenericNack(7, Status.RINVBNDSTS), id="TX alert_notification"),
        pytest.param(State.BOUND_RX, EnquireLink(7), [], PlainResp(7, CommandId.ENQUIRE_LINK), id="RX enquire_link"),
        pytest.param(State.BOUND_RX, DATA, [Delivered(1, DATA)], None, id="RX data_sm"),
        pytest.param(State.BOUND_RX, DELIVER, [Delivered(1, DELIVER)], None, id="RX deliver_sm"),
        pytest.param(State.BOUND_RX, ALERT, [], None, id="RX alert_notification"),
    ],
)
def test_what_the_smsc_may_ask(state: State, asked: Pdu, told: list[Event], answer: Pdu | None) -> None:
    session = opened(state)
    assert hear(session, asked) == told
    assert said(session) == ([] if answer is None else [answer])


@pytest.mark.parametrize("state", BOUND.values())
def test_a_goodbye_goes_both_ways_in_each(state: State) -> None:
    theirs, ours = opened(state), opened(state)
    assert hear(theirs, Unbind(7)) == [Closed(Reason.UNBOUND_BY_PEER, ())]
    assert said(theirs) == [PlainResp(7, CommandId.UNBIND)]
    ours.unbind(NOON)
    assert hear(ours, PlainResp(2, CommandId.UNBIND)) == [Closed(Reason.UNBOUND, ())]


@pytest.mark.parametrize("state", [State.BOUND_TX, State.BOUND_RX])
def test_a_quiet_peer_is_asked_in_each(state: State) -> None:
    session = opened(state)
    session.advance(NOON + LINK.enquire_s)
    assert [type(pdu) for pdu in said(session)] == [EnquireLink]


def test_a_message_by_data_sm_over_a_transmitter_is_answered_by_its_kind() -> None:
    session = opened(State.BOUND_TX)
    (told,) = hear(session, DATA)
    assert isinstance(told, Delivered)
    assert session.answer(told.token, 0)
    assert said(session) == [DataSmResp(7, 0)]


def test_a_transmitter_submits_and_a_receiver_does_not() -> None:
    assert opened(State.BOUND_TX).submit(SUBMIT, NOON) == 2
    with pytest.raises(IllegalStepError, match="submit_sm on a session that is bound as receiver"):
        opened(State.BOUND_RX).submit(SUBMIT, NOON)

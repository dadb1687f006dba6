"""One connection as the ESME sees it: what each state allows, and who is answered how."""

import random

import pytest

from gateway.smpp import session as sessions
from gateway.smpp.events import Answered, BindRefused, Bound, Closed, Delivered, Reason
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
from gateway.smpp.session import SEQUENCE_MAX, Session
from gateway.smpp.settings import LinkSettings
from gateway.smpp.states import BOUND, OVER, SERVED, IllegalStepError, State
from tests.unit.smpp.bench import DATA, DELIVER, LINK, NOON, PHONE, SHORT, SUBMIT, TRX, hear, opened, said, wire


class TestBinding:
    def test_it_binds_at_once_and_asks_nothing_before(self) -> None:
        settings = LinkSettings(
            "h", "bolshe", "pass", system_type="smpp", address_range="6111", address_range_ton=3, address_range_npi=1
        )
        session = Session(settings)
        assert session.due() is None
        session.connect(NOON)
        assert said(session) == [Bind(1, TRX, "bolshe", "pass", "smpp", address_range=Address("6111", 3, 1))]
        assert session.advance(NOON + settings.bind_s - 0.1) == []
        assert said(session) == []

    def test_a_message_in_the_segment_of_the_answer(self) -> None:
        session = opened(State.BINDING)
        assert hear(session, BindResp(1, TRX, 0, "smsc"), DELIVER) == [Bound("smsc"), Delivered(1, DELIVER)]

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            pytest.param(BindResp(1, TRX, 0x0E), 0x0E, id="a wrong password"),
            pytest.param(BindResp(1, BindMode.RECEIVER, 0x05), 0x05, id="in another mode's answer"),
            pytest.param(GenericNack(1, 0x03), 0x03, id="a nack"),
            pytest.param(GenericNack(1, 0), 0xFF, id="a nack without a status"),
        ],
    )
    def test_a_refusal_ends_it(self, answer: Pdu, status: int) -> None:
        session = opened(State.BINDING)
        assert hear(session, answer, DELIVER) == [BindRefused(status), Closed(Reason.BIND_REFUSED, ())]
        assert session.ended
        assert said(session) == [], "what follows the end is not read"

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(BindResp(2, TRX), id="to another number"),
            pytest.param(SubmitSmResp(1, 0, "1"), id="of another kind"),
            pytest.param(PlainResp(1, CommandId.ENQUIRE_LINK), id="to a question that was not asked"),
            pytest.param(GenericNack(0, 3), id="a nack of nothing"),
        ],
    )
    def test_another_answer_is_let_go(self, answer: Pdu) -> None:
        session = opened(State.BINDING)
        assert hear(session, answer) == []
        assert session.state is State.BINDING
        assert said(session) == []


REFUSED_ANYWHERE = [
    pytest.param(Bind(7, TRX, "smsc", "pass"), BindResp(7, TRX, Status.RINVCMDID), id="bind"),
    pytest.param(Outbind(7, "smsc", "pass"), GenericNack(7, Status.RINVCMDID), id="outbind"),
    pytest.param(SubmitSm(7, SHORT, PHONE), SubmitSmResp(7, Status.RINVCMDID), id="submit_sm"),
    pytest.param(QuerySm(7, "1"), QuerySmResp(7, Status.RINVCMDID), id="query_sm"),
    pytest.param(
        CancelSm(7, "1", SHORT, PHONE), PlainResp(7, CommandId.CANCEL_SM, Status.RINVCMDID), id="cancel_sm"
    ),
    pytest.param(
        ReplaceSm(7, "1", SHORT, b""), PlainResp(7, CommandId.REPLACE_SM, Status.RINVCMDID), id="replace_sm"
    ),
]  # fmt: skip


class TestRequests:
    @pytest.mark.parametrize("state", [state for state in State if state not in OVER])
    @pytest.mark.parametrize(("asked", "answer"), REFUSED_ANYWHERE)
    def test_what_no_esme_serves(self, state: State, asked: Pdu, answer: Pdu) -> None:
        session = opened(state)
        assert hear(session, asked) == []
        assert said(session) == [answer]
        assert session.state is state

    @pytest.mark.parametrize("state", [state for state in State if EnquireLink in SERVED[state]])
    def test_a_question_is_answered(self, state: State) -> None:
        session = opened(state)
        assert hear(session, EnquireLink(7)) == []
        assert said(session) == [PlainResp(7, CommandId.ENQUIRE_LINK)]

    @pytest.mark.parametrize("state", [State.BINDING, State.UNBINDING])
    @pytest.mark.parametrize(
        ("asked", "answer"),
        [
            pytest.param(DELIVER, DeliverSmResp(7, LINK.not_now), id="deliver_sm"),
            pytest.param(DATA, DataSmResp(7, LINK.not_now), id="data_sm"),
            pytest.param(AlertNotification(7, PHONE, SHORT), GenericNack(7, Status.RINVBNDSTS), id="alert"),
        ],
    )
    def test_out_of_place_the_smsc_keeps_its_message(self, state: State, asked: Pdu, answer: Pdu) -> None:
        session = opened(state)
        assert hear(session, asked) == []
        assert said(session) == [answer]

    def test_a_goodbye_before_the_bind_is_answered(self) -> None:
        session = opened(State.BINDING)
        hear(session, Unbind(7))
        assert said(session) == [PlainResp(7, CommandId.UNBIND, Status.RINVBNDSTS)]
        assert not session.ended

    @pytest.mark.parametrize(
        ("asked", "answer"),
        [
            pytest.param(DELIVER, DeliverSmResp(7, 0x64), id="deliver_sm"),
            pytest.param(DATA, DataSmResp(7, 0x64), id="data_sm"),
        ],
    )
    def test_a_message_is_told_and_answered_once(self, asked: DeliverSm | DataSm, answer: Pdu) -> None:
        session = opened()
        (told,) = hear(session, asked)
        assert isinstance(told, Delivered)
        assert told.pdu == asked
        assert said(session) == []
        assert session.answer(told.token, 0x64)
        assert not session.answer(told.token, 0)
        assert said(session) == [answer]

    def test_two_with_the_same_number_are_both_answered(self) -> None:
        session = opened()
        first, second = hear(session, DELIVER, DATA)
        assert isinstance(first, Delivered)
        assert isinstance(second, Delivered)
        assert session.answer(second.token, 1)
        assert session.answer(first.token, 0)
        assert said(session) == [DataSmResp(7, 1), DeliverSmResp(7, 0)]

    @pytest.mark.parametrize("sequence", [0, 1, SEQUENCE_MAX, SEQUENCE_MAX + 1, 0xFFFFFFFF])
    def test_any_number_is_echoed(self, sequence: int) -> None:
        session = opened()
        hear(session, EnquireLink(sequence))
        assert said(session) == [PlainResp(sequence, CommandId.ENQUIRE_LINK)]

    def test_an_alert_has_no_answer(self) -> None:
        session = opened()
        assert hear(session, AlertNotification(7, PHONE, SHORT)) == []
        assert said(session) == []

    @pytest.mark.parametrize(
        ("octets", "answer"),
        [
            pytest.param("00000010 0000DEAD 00000000 00000009", GenericNack(9, Status.RINVCMDID), id="unknown command"),
            pytest.param("00000013 00000005 00000000 00000009 040401", DeliverSmResp(9, 2), id="half a message"),
            pytest.param(
                wire(DELIVER)[:-3].hex() + "ff6869", DeliverSmResp(7, Status.RINVMSGLEN), id="a length of 255"
            ),
            pytest.param(
                (len(wire(DELIVER)) + 5).to_bytes(4, "big").hex() + wire(DELIVER)[4:].hex() + "0204000200",
                DeliverSmResp(7, Status.RINVOPTPARSTREAM), id="a torn parameter",
            ),
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_answered_and_the_connection_stays(self, octets: str, answer: Pdu) -> None:
        session = opened()
        assert session.receive(bytes.fromhex(octets), NOON) == []
        assert said(session) == [answer]
        assert hear(session, DELIVER) == [Delivered(1, DELIVER)]

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param("00000010 8000DEAD 00000000 00000001", id="unknown"),
            pytest.param("00000010 80000005 00000000 00000001", id="deliver_sm_resp, which is not for us"),
            pytest.param("00000010 80000004 00000000 00000063", id="to a submit that was never made"),
            pytest.param("00000010 80000000 00000003 00000063", id="a nack of it"),
        ],
    )
    def test_a_response_is_never_answered(self, octets: str) -> None:
        session = opened()
        assert session.receive(bytes.fromhex(octets), NOON) == []
        assert said(session) == []

    @pytest.mark.parametrize("state", [State.BINDING, *BOUND.values(), State.UNBINDING])
    @pytest.mark.parametrize("length", ["00000000", "0000000f", "00010401", "ffffffff", b"HTTP".hex()])
    def test_a_length_that_no_pdu_has_ends_it(self, state: State, length: str) -> None:
        session = opened(state)
        events = session.receive(wire(EnquireLink(7)) + bytes.fromhex(length), NOON)
        assert events == [Closed(Reason.NOT_SMPP, ())]
        assert said(session) == [PlainResp(7, CommandId.ENQUIRE_LINK), GenericNack(0, Status.RINVCMDLEN)]
        assert session.receive(wire(EnquireLink(8)), NOON) == []
        assert said(session) == []


class TestSubmits:
    def test_each_has_its_own_answer_in_any_order(self) -> None:
        session = opened()
        first, second = session.submit(SUBMIT, NOON), session.submit(SUBMIT, NOON)
        assert [pdu.sequence for pdu in said(session)] == [first, second] == [2, 3]
        answers = [SubmitSmResp(second, 0x58), SubmitSmResp(first, 0, "A1")]
        assert hear(session, *answers) == [Answered(answer) for answer in answers]
        assert hear(session, *answers) == [], "again: nobody waits"

    def test_a_nack_of_a_submit_is_its_answer(self) -> None:
        session = opened()
        sequence = session.submit(SUBMIT, NOON)
        assert hear(session, GenericNack(sequence, 0x03)) == [Answered(SubmitSmResp(sequence, 0x03))]
        sequence = session.submit(SUBMIT, NOON)
        assert hear(session, GenericNack(sequence, 0)) == [Answered(SubmitSmResp(sequence, Status.RUNKNOWNERR))]
        assert not session.ended

    def test_an_answer_whose_body_is_torn_is_one(self) -> None:
        session = opened()
        sequence = session.submit(SUBMIT, NOON)
        octets = bytes.fromhex("00000015 80000004 00000000") + sequence.to_bytes(4, "big") + b"A\0\0\x1e\0"
        assert session.receive(octets, NOON) == [Answered(SubmitSmResp(sequence, 0, "A"))]

    def test_numbers_go_round_and_skip_those_in_flight(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sessions, "SEQUENCE_MAX", 4)
        session = opened()
        assert [session.submit(SUBMIT, NOON) for _ in range(3)] == [2, 3, 4]
        hear(session, SubmitSmResp(3, 0, "1"))
        assert [session.submit(SUBMIT, NOON) for _ in range(2)] == [1, 3]

    @pytest.mark.parametrize("state", [state for state in State if state not in {State.BOUND_TX, State.BOUND_TRX}])
    def test_only_while_bound(self, state: State) -> None:
        with pytest.raises(IllegalStepError, match=f"session that is {state.value}"):
            opened(state).submit(SUBMIT, NOON)

    def test_what_does_not_fit_the_wire_waits_for_nothing(self) -> None:
        session = opened()
        with pytest.raises(ValueError, match="short_message"):
            session.submit(SubmitSm(0, SHORT, PHONE, b"a" * 255), NOON)
        assert session.advance(NOON + LINK.response_s) == []
        assert said(session) == []


@pytest.mark.parametrize("state", [State.BINDING, State.BOUND_TRX])
@pytest.mark.parametrize("seed", range(50))
def test_rubbish_gets_a_nack_and_a_close_at_most(state: State, seed: int) -> None:
    session = opened(state)
    session.receive(random.Random(seed).randbytes(200), NOON)
    assert said(session) in ([], [GenericNack(0, Status.RINVCMDLEN)])

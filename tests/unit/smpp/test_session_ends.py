"""How a connection ends: what silence means, who says goodbye, and what becomes of what was not answered."""

import pytest

from gateway.smpp.events import Answered, Closed, Delivered, Reason
from gateway.smpp.pdu.messages import (
    CommandId,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    PlainResp,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.session import Session
from gateway.smpp.settings import LinkSettings
from gateway.smpp.states import State
from tests.unit.smpp.bench import DELIVER, LINK, NOON, SUBMIT, hear, opened, said, wire


def play(session: Session) -> list[tuple[float, Reason]]:
    """Let time pass, from one due moment to the next, until it changes nothing; the ends that this brings."""
    ends = []
    while (due := session.due()) is not None:
        for event in session.advance(due):
            assert isinstance(event, Closed)
            ends.append((due - NOON, event.reason))
    return ends


class TestTime:
    @pytest.mark.parametrize(
        ("state", "settings", "end"),
        [
            pytest.param(State.BINDING, LINK, (10, Reason.BIND_UNANSWERED), id="the bind is not answered"),
            pytest.param(State.BOUND_TRX, LINK, (40, Reason.ENQUIRE_UNANSWERED), id="nothing comes any more"),
            pytest.param(
                State.BOUND_TRX, LinkSettings("h", "b", "p", enquire_s=0), (90, Reason.SILENCE), id="and we do not ask"
            ),
            pytest.param(
                State.BOUND_TRX, LinkSettings("h", "b", "p", enquire_s=30, silence_s=35), (35, Reason.SILENCE),
                id="and silence is short",
            ),
            pytest.param(State.UNBINDING, LINK, (10, Reason.UNBOUND), id="the goodbye is not answered"),
        ],
    )  # fmt: skip
    def test_silence_ends_it_and_says_which(
        self, state: State, settings: LinkSettings, end: tuple[int, Reason]
    ) -> None:
        session = opened(state, settings)
        assert play(session) == [end]
        assert session.ended
        assert session.due() is None

    @pytest.mark.parametrize("state", [State.OPEN, State.CLOSED])
    def test_time_changes_nothing_where_nobody_waits(self, state: State) -> None:
        session = opened(state)
        assert session.due() is None
        assert session.advance(NOON + 1000) == []

    def test_a_submit_that_is_not_answered_ends_it_and_is_named(self) -> None:
        session = opened()
        answered, forgotten = session.submit(SUBMIT, NOON), session.submit(SUBMIT, NOON + 1)
        hear(session, SubmitSmResp(answered, 0, "1"), at=NOON + 5)
        later = session.submit(SUBMIT, NOON + 6)
        assert session.advance(NOON + 10.9) == []
        assert session.advance(NOON + 11) == [Closed(Reason.RESPONSE_OVERDUE, (forgotten, later))]

    def test_a_question_is_asked_once_and_its_answer_is_life(self) -> None:
        session = opened()
        session.advance(NOON + 29.9)
        assert said(session) == []
        for at in (NOON + 30, NOON + 35, NOON + 39):
            assert session.advance(at) == []
        (asked,) = said(session)
        assert isinstance(asked, EnquireLink)
        hear(session, PlainResp(asked.sequence, CommandId.ENQUIRE_LINK), at=NOON + 39)
        assert session.due() == NOON + 69
        session.advance(NOON + 69)
        assert len(said(session)) == 1, "asked again"

    def test_a_nack_of_a_question_is_life_too(self) -> None:
        session = opened()
        session.advance(NOON + 30)
        (asked,) = said(session)
        assert hear(session, GenericNack(asked.sequence, 3), at=NOON + 31) == []
        assert session.due() == NOON + 61

    def test_half_a_pdu_is_no_life(self) -> None:
        session = opened()
        session.receive(wire(DELIVER)[:20], NOON + 29)
        session.advance(NOON + 30)
        assert len(said(session)) == 1
        session.receive(wire(DELIVER)[20:-1], NOON + 39)
        assert session.advance(NOON + 40) == [Closed(Reason.ENQUIRE_UNANSWERED, ())]

    def test_any_pdu_is_life(self) -> None:
        session = opened()
        session.receive(bytes.fromhex("00000010 0000DEAD 00000000 00000009"), NOON + 29)
        session.advance(NOON + 30)
        assert [type(pdu) for pdu in said(session)] == [GenericNack]
        assert session.due() == NOON + 59


class TestGoodbye:
    def test_theirs_is_answered_in_the_middle_of_a_window(self) -> None:
        session = opened()
        sequences = [session.submit(SUBMIT, NOON) for _ in range(3)]
        session.take()
        (told, *_) = hear(session, DELIVER)
        assert isinstance(told, Delivered)
        answer = SubmitSmResp(sequences[1], 0, "1")
        events = hear(session, answer, Unbind(9), SubmitSmResp(sequences[2], 0, "2"))
        assert events == [Answered(answer), Closed(Reason.UNBOUND_BY_PEER, (sequences[0], sequences[2]))]
        assert said(session) == [PlainResp(9, CommandId.UNBIND)]
        assert not session.answer(told.token, 0), "nobody would read it"
        assert session.lost() == [], "told once"

    def test_ours_leaves_time_for_what_is_in_work(self) -> None:
        session = opened()
        sequence = session.submit(SUBMIT, NOON)
        (told,) = hear(session, DELIVER)
        assert isinstance(told, Delivered)
        session.unbind(NOON)
        assert session.answer(told.token, 0)
        asked = said(session)
        assert asked[1:] == [Unbind(sequence + 1), DeliverSmResp(7, 0)]
        answer = SubmitSmResp(sequence, 0, "1")
        assert hear(session, answer, PlainResp(sequence + 1, CommandId.UNBIND)) == [
            Answered(answer),
            Closed(Reason.UNBOUND, ()),
        ]

    def test_both_at_once(self) -> None:
        session = opened(State.UNBINDING)
        assert hear(session, Unbind(9)) == [Closed(Reason.UNBOUND, ())]
        assert said(session) == [PlainResp(9, CommandId.UNBIND)]

    def test_a_nack_of_a_goodbye_is_one(self) -> None:
        assert hear(opened(State.UNBINDING), GenericNack(2, 3)) == [Closed(Reason.UNBOUND, ())]

    @pytest.mark.parametrize("state", [State.OPEN, State.BINDING, State.UNBINDING, State.CLOSED])
    def test_it_is_said_once_and_while_bound(self, state: State) -> None:
        session = opened(state)
        session.unbind(NOON)
        assert said(session) == []

    def test_cut(self) -> None:
        session = opened()
        sequence = session.submit(SUBMIT, NOON)
        assert session.lost() == [Closed(Reason.LOST, (sequence,))]
        assert session.lost() == []

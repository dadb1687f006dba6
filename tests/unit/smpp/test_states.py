"""Every cell of the table, walked by a session; every cell that is missing; and the page that draws it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.smpp.events import Closed
from gateway.smpp.pdu import codec
from gateway.smpp.pdu.messages import (
    AlertNotification,
    BindMode,
    BindResp,
    CommandId,
    DataSm,
    DeliverSm,
    EnquireLink,
    Pdu,
    PlainResp,
    SubmitSm,
    Unbind,
)
from gateway.smpp.session import Session
from gateway.smpp.states import (
    BOUND,
    OVER,
    PAGE_FILE,
    SERVED,
    SERVED_BY_AN_ESME,
    TABLE,
    TAKEN,
    Cause,
    IllegalStepError,
    State,
    Step,
    after,
    allowed,
    drawing,
    named,
    renewed,
)
from tests.unit.smpp.bench import DATA, DELIVER, LINK, NOON, PHONE, SHORT, SUBMIT, hear, opened, said

ROOT = Path(__file__).parents[3]
REQUESTS: dict[type, Pdu] = {
    EnquireLink: EnquireLink(7),
    Unbind: Unbind(7),
    DeliverSm: DELIVER,
    DataSm: DATA,
    AlertNotification: AlertNotification(7, PHONE, SHORT),
}
CAUSES: tuple[Cause, ...] = (*Step, *REQUESTS)
MODES = {taken: mode for mode, taken in TAKEN.items()}
STATUS = slice(8, 12)


def overdue(session: Session) -> None:
    """Whatever waits for an answer waits in vain; while bound, that is an enquire_link."""
    while not session.ended and (due := session.due()) is not None:
        session.advance(due)


STEPS: dict[Step, Callable[[Session], object]] = {
    Step.BIND: lambda session: session.connect(NOON),
    Step.REFUSED: lambda session: hear(session, BindResp(1, BindMode.TRANSCEIVER, 0x0D)),
    Step.SUBMIT: lambda session: session.submit(SUBMIT, NOON),
    Step.ENQUIRE: lambda session: session.advance(NOON + LINK.enquire_s),
    Step.UNBIND: lambda session: session.unbind(NOON),
    Step.UNBOUND: lambda session: hear(session, PlainResp(2, CommandId.UNBIND)),
    Step.OVERDUE: overdue,
    Step.SILENCE: lambda session: session.advance(NOON + LINK.silence_s),
    Step.NOT_SMPP: lambda session: session.receive(bytes(16), NOON),
    Step.LOST: lambda session: session.lost(),
}


def at(state: State, cause: Cause) -> Session:
    """A session that stands there, set so that the cause can come about: for silence, one that does not ask."""
    settings = replace(LINK, enquire_s=0) if cause is Step.SILENCE else LINK
    if state is State.BINDING and cause in MODES:
        session = Session(replace(settings, bind=MODES[cause]))  # type: ignore[index]  # a step of theirs, so a key
        session.connect(NOON)
        session.take()
        return session
    return opened(state, settings)


def bring_about(session: Session, cause: Cause) -> object:
    if isinstance(cause, type):
        return hear(session, REQUESTS[cause])
    if cause in MODES:
        return hear(session, BindResp(1, MODES[cause], 0, "smsc"))
    return STEPS[cause](session)


def cells(*, present: bool) -> list[object]:
    return [
        pytest.param(state, cause, id=f"{state.name}-{named(cause)}".replace(" ", "_"))
        for state in State
        for cause in CAUSES
        if (cause in TABLE[state]) is present
    ]


def test_the_table_knows_no_cause_that_is_not_walked_here() -> None:
    assert {cause for row in TABLE.values() for cause in row} <= set(CAUSES)
    assert set(REQUESTS) == SERVED_BY_AN_ESME
    assert {step for step in Step if step not in MODES} == set(STEPS)


@pytest.mark.parametrize(("state", "cause"), cells(present=True))
def test_a_session_takes_each_step(state: State, cause: Cause) -> None:
    session = at(state, cause)
    bring_about(session, cause)
    assert session.state is after(state, cause) is TABLE[state][cause]


@pytest.mark.parametrize(("state", "cause"), cells(present=True))
def test_its_end_is_told_once(state: State, cause: Cause) -> None:
    session = at(state, cause)
    told = bring_about(session, cause)
    ends = [event for event in told if isinstance(event, Closed)] if isinstance(told, list) else []
    ended = TABLE[state][cause] in OVER and state not in OVER
    if cause is not Step.OVERDUE:  # which comes about in several turns
        assert len(ends) == ended
    assert session.lost() == [] or not ended


@pytest.mark.parametrize(("state", "cause"), cells(present=False))
def test_a_step_that_is_missing_is_a_bug_that_has_a_name(state: State, cause: Cause) -> None:
    with pytest.raises(IllegalStepError) as caught:
        after(state, cause)
    assert str(caught.value).startswith(f"{named(cause)} on a session that is {state.value}: ")


@pytest.mark.parametrize(
    ("state", "cause"),
    [(state, kind) for state in State for kind in REQUESTS if kind not in SERVED[state]],
    ids=lambda value: value.name if isinstance(value, State) else named(value),
)
def test_a_request_that_is_missing_is_refused_and_moves_nothing(state: State, cause: type) -> None:
    session = at(state, cause)
    assert bring_about(session, cause) == []
    assert session.state is state
    answers = session.take()
    if state in OVER:
        assert answers == b"", "nothing is read any more"
    else:
        assert int.from_bytes(answers[STATUS], "big") != 0


@pytest.mark.parametrize("state", [state for state in State if Step.SUBMIT not in TABLE[state]])
def test_nothing_is_submitted_where_it_may_not(state: State) -> None:
    session = at(state, Step.SUBMIT)
    with pytest.raises(IllegalStepError):
        session.submit(SubmitSm(0, SHORT, PHONE, b"hi"), NOON)
    assert said(session) == []


def test_a_session_binds_once() -> None:
    with pytest.raises(IllegalStepError, match="our bind on a session that is bound as transceiver"):
        opened().connect(NOON)


def test_every_state_can_be_reached_and_each_leads_to_the_end() -> None:
    reached, front = {State.OPEN}, {State.OPEN}
    while front := {then for state in front for then in TABLE[state].values()} - reached:
        reached |= front
    assert reached == set(State)
    assert all(TABLE[state][Step.LOST] is State.CLOSED for state in State if state is not State.CLOSED)
    assert set(BOUND.values()) == {State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX}


def test_what_an_smsc_may_ask_is_what_the_specification_says() -> None:
    """3.4, table 2-1, the column "Issued by SMSC"; but for enquire_link, which 5.0 allows everywhere."""
    by_an_smsc = {
        State.BOUND_TX: {Unbind, DataSm, EnquireLink},
        State.BOUND_RX: {Unbind, DataSm, DeliverSm, EnquireLink, AlertNotification},
        State.BOUND_TRX: {Unbind, DataSm, DeliverSm, EnquireLink, AlertNotification},
    }
    assert {state: set(SERVED[state]) for state in by_an_smsc} == by_an_smsc
    assert SERVED[State.OPEN] == SERVED[State.BINDING] == {EnquireLink}


def test_the_page_draws_it_as_it_is() -> None:
    page = (ROOT / PAGE_FILE).read_text(encoding="utf-8")
    renew = (
        "from pathlib import Path; from gateway.smpp.states import PAGE_FILE, renewed; "
        "page = Path(PAGE_FILE); page.write_text(renewed(page.read_text()))"
    )
    assert renewed(page) == page, f'the table has changed since: run .venv/bin/python -c "{renew}"'


def test_the_drawing_is_of_the_table() -> None:
    lines = drawing().splitlines()
    assert lines[0] == "stateDiagram-v2"
    arrows = {tuple(line.strip().split(" : ")[0].split(" --> ")) for line in lines[2:-1]}
    assert arrows == {
        (state.name, then.name) for state, row in TABLE.items() for then in row.values() if then is not state
    }
    assert "    BINDING --> BOUND_RX : bind_receiver_resp" in lines
    assert "| BOUND_TX | `data_sm`, `enquire_link`, `unbind` | `enquire_link`, `submit_sm`, `unbind` |" in allowed()


def test_a_page_without_marks_is_told_where_they_go() -> None:
    with pytest.raises(ValueError, match=r"docs/smpp\.md has no <!-- drawing --> … <!-- end of drawing -->"):
        renewed("# A page\n")


def test_requests_are_named_as_the_specification_names_them() -> None:
    for kind, pdu in REQUESTS.items():
        command = CommandId(int.from_bytes(codec.encode(pdu)[4:8], "big"))
        assert named(kind) == command.name.lower()

"""Every state of a connection and every step between two of them, in one table: `TABLE`.

A connection begins OPEN. We bind in the turn in which it stands, so that it is BINDING until the SMSC answers. Taken,
the bind makes it BOUND_TX, BOUND_RX or BOUND_TRX, by the mode that was asked for, and stays so until somebody says
goodbye or nobody is there any more. After our goodbye it is UNBINDING: we begin nothing, and what was begun may still
be answered, both ways. After the SMSC's goodbye, its answer to ours, a refused bind, an overdue answer, silence, or
octets that are no SMPP, it is UNBOUND: the last octets may leave, nothing is read, and the socket is to be closed.
CLOSED is a socket that is gone, from whatever state.

These are the states of SMPP 3.4, 2.2, in its spelling; UNBOUND is apart from CLOSED as in 5.0, 2.3.5 and 2.3.6, and
BINDING and UNBINDING are ours, for what 3.4 leaves to whoever waits. OUTBOUND is missing: we connect, nobody connects
to us. Which requests of the SMSC a state allows is 3.4, table 2-1, for what an SMSC may issue: of messages a
transmitter gets data_sm alone, and a receiver and a transceiver all. There is one difference: enquire_link is allowed
wherever something is read (5.0, 2.4), since SMSCs ask before they answer a bind, and an answer harms nobody.

A cause is a `Step`, or the type of a request that comes. A cell that is missing is a step that must not be: of ours it
is a bug and raises `IllegalStepError`; a request of the SMSC is refused, and how is the session's matter.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum

from gateway.smpp.pdu.messages import AlertNotification, BindMode, DataSm, DeliverSm, EnquireLink, Unbind

PAGE_FILE = "docs/smpp.md"
"""Where people read the table: between the marks, as `renewed` writes it."""


class State(Enum):
    """Where a connection stands."""

    OPEN = "open"
    BINDING = "binding"
    BOUND_TX = "bound as transmitter"
    BOUND_RX = "bound as receiver"
    BOUND_TRX = "bound as transceiver"
    UNBINDING = "unbinding"
    UNBOUND = "unbound"
    CLOSED = "closed"


class Step(Enum):
    """What happens to a connection, apart from requests that come. The words are the drawing's."""

    BIND = "our bind"
    TAKEN_TX = "bind_transmitter_resp"
    TAKEN_RX = "bind_receiver_resp"
    TAKEN_TRX = "bind_transceiver_resp"
    REFUSED = "bind refused"
    SUBMIT = "submit_sm"
    ENQUIRE = "enquire_link"
    UNBIND = "our unbind"
    UNBOUND = "unbind_resp"
    OVERDUE = "answer overdue"
    SILENCE = "silence"
    NOT_SMPP = "not SMPP"
    LOST = "connection lost"


Cause = Step | type
"""A step, or the type of a request that comes."""


class IllegalStepError(RuntimeError):
    """A step that the table does not have: a bug of ours."""

    def __init__(self, state: State, cause: Cause) -> None:
        super().__init__(f"{named(cause)} on a session that is {state.value}: no such step in gateway.smpp.states")


def _bound(stays: State, *more: Cause) -> Mapping[Cause, State]:
    """A row of a bound state; `more` happens in it and changes nothing."""
    return {
        **dict.fromkeys((EnquireLink, DataSm, Step.ENQUIRE, *more), stays),
        Unbind: State.UNBOUND,
        Step.UNBIND: State.UNBINDING,
        Step.OVERDUE: State.UNBOUND,
        Step.SILENCE: State.UNBOUND,
        Step.NOT_SMPP: State.UNBOUND,
        Step.LOST: State.CLOSED,
    }


TABLE: Mapping[State, Mapping[Cause, State]] = {
    State.OPEN: {
        EnquireLink: State.OPEN,
        Step.BIND: State.BINDING,
        Step.NOT_SMPP: State.UNBOUND,
        Step.LOST: State.CLOSED,
    },
    State.BINDING: {
        EnquireLink: State.BINDING,
        Step.TAKEN_TX: State.BOUND_TX,
        Step.TAKEN_RX: State.BOUND_RX,
        Step.TAKEN_TRX: State.BOUND_TRX,
        Step.REFUSED: State.UNBOUND,
        Step.OVERDUE: State.UNBOUND,
        Step.NOT_SMPP: State.UNBOUND,
        Step.LOST: State.CLOSED,
    },
    State.BOUND_TX: _bound(State.BOUND_TX, Step.SUBMIT),
    State.BOUND_RX: _bound(State.BOUND_RX, DeliverSm, AlertNotification),
    State.BOUND_TRX: _bound(State.BOUND_TRX, Step.SUBMIT, DeliverSm, AlertNotification),
    State.UNBINDING: {
        EnquireLink: State.UNBINDING,
        Unbind: State.UNBOUND,
        Step.UNBOUND: State.UNBOUND,
        Step.OVERDUE: State.UNBOUND,
        Step.NOT_SMPP: State.UNBOUND,
        Step.LOST: State.CLOSED,
    },
    State.UNBOUND: {Step.LOST: State.CLOSED},
    State.CLOSED: {},
}

SERVED: Mapping[State, frozenset[type]] = {
    state: frozenset(cause for cause in row if isinstance(cause, type)) for state, row in TABLE.items()
}
"""The requests that each state allows to the SMSC."""
SERVED_BY_AN_ESME: frozenset[type] = frozenset().union(*SERVED.values())
"""Those that some state allows."""

TAKEN: Mapping[BindMode, Step] = {
    BindMode.TRANSMITTER: Step.TAKEN_TX,
    BindMode.RECEIVER: Step.TAKEN_RX,
    BindMode.TRANSCEIVER: Step.TAKEN_TRX,
}
"""What the bind of each mode waits for."""
BOUND: Mapping[BindMode, State] = {mode: TABLE[State.BINDING][taken] for mode, taken in TAKEN.items()}
"""Where it leads."""
IS_BOUND = frozenset(BOUND.values())
SUBMITS = frozenset(state for state, row in TABLE.items() if Step.SUBMIT in row)
OVER = frozenset({State.UNBOUND, State.CLOSED})


def after(state: State, cause: Cause) -> State:
    """The state that a cause leads to. Raises `IllegalStepError` where there is none."""
    found = TABLE[state].get(cause)
    if found is None:
        raise IllegalStepError(state, cause)
    return found


def named(cause: Cause) -> str:
    """A cause in words: a request by its name in the specification, `deliver_sm` say."""
    return cause.value if isinstance(cause, Step) else re.sub(r"(?<!^)(?=[A-Z])", "_", cause.__name__).lower()


def drawing() -> str:
    """The table as a Mermaid diagram; what changes nothing is left to `allowed`."""
    lines = ["stateDiagram-v2", "    [*] --> OPEN"]
    for state, row in TABLE.items():
        for target in State:
            causes = [named(cause) for cause, then in row.items() if then is target is not state]
            if causes:
                lines.append(f"    {state.name} --> {target.name} : {', '.join(causes)}")
    return "\n".join([*lines, "    CLOSED --> [*]"])


def allowed() -> str:
    """What each state lets pass, as a table: requests of the SMSC, and ours."""
    ours = (Step.BIND, Step.SUBMIT, Step.ENQUIRE, Step.UNBIND)
    rows = [
        f"| {state.name} | {_listed(cause for cause in row if isinstance(cause, type))} "
        f"| {_listed(step for step in ours if step in row)} |"
        for state, row in TABLE.items()
    ]
    return "\n".join(["| state | served | sent |", "|---|---|---|", *rows])


def renewed(page: str) -> str:
    """A page with the drawing and the table between its marks as they are now."""
    for mark, content in (("drawing", f"```mermaid\n{drawing()}\n```"), ("allowed", allowed())):
        begins, ends = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
        before, found, rest = page.partition(begins)
        _, closed, behind = rest.partition(ends)
        if not (found and closed):
            raise ValueError(f"{PAGE_FILE} has no {begins} … {ends}: put both marks where the {mark} is to stand")
        page = f"{before}{begins}\n{content}\n{ends}{behind}"
    return page


def _listed(causes: Iterable[Cause]) -> str:
    return ", ".join(sorted(f"`{named(cause).removeprefix('our ')}`" for cause in causes)) or "nothing"

"""Accounts as the command line has them, and what is refused to whoever has used up what was sold."""

import pytest

from gateway.smpp.pdu.messages import Bind, BindMode, BindResp
from gateway.smpp.pdu.status import Status
from simulator.errors import SimulatorError
from simulator.smsc.accounts import Account, parse
from simulator.smsc.session import Session
from tests.unit.simulator.smsc.bench import Bench, statuses, submit


def test_accounts() -> None:
    assert parse(["bolshe:a:b", "other:"]) == {"bolshe": Account("a:b"), "other": Account("")}
    assert parse(["a:b?binds=2&window=10&tps=50&bind=receiver"]) == {"a": Account("b", 2, 10, 50, "receiver")}
    assert parse([]) == {}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("bolshe", "system_id:password"),
        (":pass", "system_id:password"),
        ("", "system_id:password"),
        ("a:s3cret?bind=both", "account a: bind: Input should be 'receiver', 'transmitter' or 'transceiver'"),
        ("a:s3cret?windows=1", "account a: there is no windows; limits are binds, window, tps, bind"),
        ("a:s3cret?tps=-1", "account a: tps: "),
        ("a:s3cret?binds=many", "account a: binds: "),
    ],
)
def test_an_account_that_is_none(written: str, says: str) -> None:
    with pytest.raises(SimulatorError) as refused:
        parse([written])
    assert says in str(refused.value)
    assert "s3cret" not in str(refused.value)


def bench(**limits: object) -> Bench:
    return Bench({"bolshe": Account("pass", **limits)})  # type: ignore[arg-type]  # as a test names them


def bound(at: Bench, session: Session, mode: BindMode = BindMode.TRANSCEIVER) -> int:
    """The status of a bind."""
    at.send(session, Bind(1, mode, "bolshe", "pass"))
    (answer,) = at.got(session)
    assert isinstance(answer, BindResp)
    return answer.status


def test_a_bind_too_many_waits_for_one_that_leaves() -> None:
    at = bench(binds=1)
    first, second = at.connect(None), at.connect(None)
    assert bound(at, first) == Status.ROK
    assert bound(at, second) == Status.RALYBND
    at.centre.lost(first, at.now)
    assert bound(at, second) == Status.ROK


def test_a_mode_that_was_not_sold() -> None:
    at = bench(bind="receiver")
    assert bound(at, at.connect(None)) == Status.RBINDFAIL
    assert bound(at, at.connect(None), BindMode.RECEIVER) == Status.ROK


def test_a_submit_beyond_the_window_is_refused_until_one_is_answered() -> None:
    at = bench(window=2)
    esme = at.connect(system_id="bolshe")
    at.order(answer_delay_s=5)
    at.send(esme, submit(2), submit(3))
    assert statuses(at.got(esme)) == []
    at.send(esme, submit(4))
    at.wait(5)
    assert sorted(statuses(at.got(esme))) == [0, 0, Status.RMSGQFUL]
    at.send(esme, submit(5))
    at.wait(5)
    assert statuses(at.got(esme)) == [0]


def test_a_submit_beyond_the_rate_is_throttled() -> None:
    at = bench(tps=2)
    esme = at.connect(system_id="bolshe")
    at.send(esme, submit(2), submit(3), submit(4))
    assert statuses(at.got(esme)) == [0, 0, Status.RTHROTTLED]
    at.wait(1)
    at.send(esme, submit(5))
    assert statuses(at.got(esme)) == [0]

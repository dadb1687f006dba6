"""The loop where time is short: no call begins that another process could make at the same moment."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from gateway.fulfilment import fulfiller
from gateway.fulfilment.fulfiller import Fulfiller, FulfillerParts
from gateway.fulfilment.model import Answer, Verdict
from gateway.ids import MemberId
from gateway.loyalty.ports import Result, Written
from gateway.loyalty.writes import SettleOrder, Write
from gateway.msisdn import Msisdn
from gateway.settings import Repeats
from gateway.store.orders import ClaimedOrder

pytestmark = pytest.mark.anyio

CALL_S = 0.1


class Counting:
    """An adapter that counts its calls."""

    call_s_max = CALL_S

    def __init__(self, repeats: Repeats) -> None:
        self.repeats = repeats
        self.calls: list[str] = []

    async def deliver(self, _: ClaimedOrder) -> Answer:
        self.calls.append("deliver")
        return Answer(Verdict.DELIVERED)

    async def ask(self, _: ClaimedOrder) -> Answer:
        self.calls.append("ask")
        return Answer(Verdict.ABSENT)


class Slow:
    """A store with one order, whose answers take their time; and a clock."""

    def __init__(self, takes_s: float, *, doubtful: bool) -> None:
        self._takes_s = takes_s
        self._doubtful = doubtful
        self.settled: asyncio.Future[SettleOrder] = asyncio.get_running_loop().create_future()
        self._given = False

    async def at(self) -> datetime:
        return datetime.now(UTC)

    async def claim(self, _: Sequence[str], count: int, owner: str, lease_until: datetime) -> Sequence[ClaimedOrder]:
        if self._given:
            return ()
        self._given = True
        await asyncio.sleep(self._takes_s)
        at, number = datetime.now(UTC), Msisdn("+79210000001")
        return [ClaimedOrder(7, "1a2b3c4d-7", MemberId(1), number, "ru", "mug", {}, at, 1, self._doubtful, owner)]

    async def settle(self, write: Write, _: datetime) -> Written:
        assert isinstance(write, SettleOrder)
        self.settled.set_result(write)
        return Written(Result(write.becomes))


@pytest.mark.parametrize(
    ("takes_s", "doubtful", "calls", "becomes", "stays_doubtful"),
    [
        pytest.param(0.0, False, ["deliver"], "delivered", False, id="in time"),
        pytest.param(1.5 * CALL_S, False, [], "later", False, id="the lease is nearly over"),
        pytest.param(3 * CALL_S, False, [], "later", False, id="the lease is over"),
        pytest.param(0.0, True, ["ask", "deliver"], "delivered", False, id="in doubt, in time"),
        pytest.param(1.5 * CALL_S, True, ["ask"], "later", False, id="in doubt, and asked just in time"),
    ],
)
async def test_no_call_outlasts_its_lease(
    takes_s: float,
    doubtful: bool,
    calls: list[str],
    becomes: str,
    stays_doubtful: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fulfiller, "LEASE_MARGIN_S", 0.0)
    store, adapter = Slow(takes_s, doubtful=doubtful), Counting(Repeats.ASKABLE)
    loop = asyncio.create_task(Fulfiller("billing", adapter, FulfillerParts(store, store.settle, store, "me")).run())
    async with asyncio.timeout(10):
        settled = await store.settled
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert (adapter.calls, settled.becomes, settled.doubtful) == (calls, becomes, stays_doubtful)

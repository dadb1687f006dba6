"""What is done to the processes: drawn from the seed before a run, carried out one or two at a time while it goes on.

The plan of a seed is always the same; the instants are not, since processes have their own pace. A fault ends by
itself: whoever was frozen goes on, whoever was killed is started again, whoever misbehaved behaves.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.stage import SMSCS, Centre, Shop, Stage
from tests.live.processes import frozen

LASTS_S = (1.0, 4.0)
PAUSES_S = (0.1, 1.0)
TWO_AT_ONCE = 0.5
DOWN_MAX_S = 1.0
"""How long a gateway stays dead."""
COUNT_MAX = 6
"""Of what an SMSC or a billing does to the next so many."""

GATEWAYS = ("gateway 1", "gateway 2")
STORES = ("postgres", "valkey")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `count` is for those that happen to the next so many requests."""

    kind: str
    target: str
    lasts_s: float
    count: int

    @property
    def shown(self) -> str:
        """For the timeline."""
        return f"{self.target}: {self.kind}"


KINDS = (
    *(("killed", gateway, 3) for gateway in GATEWAYS),
    *(("frozen", target, 2) for target in (*GATEWAYS, "postgres")),
    ("frozen", "valkey", 1),
    *(("killed", store, 1) for store in STORES),
    *(("frozen", smsc, 1) for smsc in SMSCS),
    *((kind, smsc, 1) for kind in ("cut", "silent", "throttles", "forgets answers", "full") for smsc in SMSCS),
    *((kind, smsc, 1) for kind in ("drops behind a submit", "half a PDU") for smsc in SMSCS),
    ("frozen", "billing", 1),
    *((kind, "billing", 2) for kind in ("breaks off behind the deed", "breaks off before the deed")),
    *((kind, "billing", 1) for kind in ("slow", "refuses", "unavailable", "thinks it over")),
)
"""What is done, to whom, and how often beside the others."""

TO_SMSC = {
    "cut": {"disconnect": True},
    "silent": {"silence": True},
    "throttles": {"throttle_per_s": 2},
    "full": {"submit_status": "RMSGQFUL", "submit_status_count": COUNT_MAX},
    "forgets answers": {"lose_answers": COUNT_MAX},
    "drops behind a submit": {"disconnect_after": 2},
    "half a PDU": {"half_pdus": 1},
}
TO_BILLING = {
    "slow": {"slow_s": 1.5},
    "refuses": {"refuse_next": 2},
    "unavailable": {"status_count": COUNT_MAX},
    "thinks it over": {"pending": 3},
    "breaks off behind the deed": {"fail_after_doing": 2},
    "breaks off before the deed": {"fail_before_doing": 2},
}


def plan(seed: int, seconds: float) -> list[tuple[float, tuple[Fault, ...]]]:
    """What happens in a run of so many seconds: each time a pause, then one fault, or two to different targets."""
    draw = random.Random(f"{seed} faults")
    steps, planned_s = [], 0.0
    while planned_s < seconds:
        pause_s = draw.uniform(*PAUSES_S)
        faults = [_drawn(draw)]
        if draw.random() < TWO_AT_ONCE and (second := _drawn(draw)).target != faults[0].target:
            faults.append(second)
        steps.append((pause_s, tuple(faults)))
        planned_s += pause_s + max(fault.lasts_s for fault in faults)
    return steps


def _drawn(draw: random.Random) -> Fault:
    ((kind, target, _),) = draw.choices(KINDS, [weight for _, _, weight in KINDS])
    return Fault(kind, target, draw.uniform(*LASTS_S), draw.randint(1, COUNT_MAX))


@dataclass(slots=True)
class Timeline:
    """What was done when, in milliseconds since the run began."""

    began: float
    lines: list[tuple[int, str]] = field(default_factory=list)

    def note(self, words: str) -> None:
        """Write down that this happened now."""
        self.lines.append((round((time.monotonic() - self.began) * 1000), words))


async def carry_out(steps: Sequence[tuple[float, tuple[Fault, ...]]], stage: Stage, timeline: Timeline) -> None:
    """All steps, one after the other. When it returns, or is cancelled, everything has been undone."""
    for pause_s, faults in steps:
        await asyncio.sleep(pause_s)  # the pauses are part of the plan
        await asyncio.gather(*(_happen(fault, stage, timeline) for fault in faults))


async def _happen(fault: Fault, stage: Stage, timeline: Timeline) -> None:
    timeline.note(f"{fault.shown}, {fault.lasts_s:.1f} s")
    match fault.kind, fault.target:
        case "frozen", _:
            with frozen(stage.pid(fault.target)):
                await asyncio.sleep(fault.lasts_s)  # the outage itself
        case "killed", "postgres" | "valkey":
            await _kill_store(fault.target, stage)
        case "killed", _:
            stage.gateways[fault.target].kill()
            await asyncio.sleep(min(fault.lasts_s, DOWN_MAX_S))  # a supervisor needs its time too
            stage.start(fault.target)
        case kind, "billing":
            await _misbehaves(fault, stage.billing, TO_BILLING[kind])
        case kind, _:
            await _misbehaves(fault, stage.smscs[fault.target], TO_SMSC[kind])
    timeline.note(f"{fault.shown}, over")


async def _kill_store(name: str, stage: Stage) -> None:
    """kill -9; the keeper starts it again."""
    died = stage.pid(name)
    os.kill(died, signal.SIGKILL)
    while stage.pid(name) == died:  # noqa: ASYNC110 - another process tells nobody but who asks
        await asyncio.sleep(0.05)


async def _misbehaves(fault: Fault, target: Centre | Shop, orders: Mapping[str, object]) -> None:
    """Counts last as long as the fault at most: what they did not meet by then is let go."""
    numbered = {name: fault.count if value == COUNT_MAX else value for name, value in orders.items()}
    await target.misbehave(**numbered)
    await asyncio.sleep(fault.lasts_s)  # the outage itself
    await target.misbehave()

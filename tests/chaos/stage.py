"""Everything that runs, each as a process of its own: two gateways, two stores, two SMSCs, a billing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.settings import Repeats
from simulator.billing import Faults as BillingFaults
from simulator.smsc.faults import Faults as SmscFaults
from tests.live.billing import Billing
from tests.live.processes import Gateway, Ground
from tests.live.smsc import Smsc
from tests.live.waiting import until

GATEWAYS = 2
SMSCS = ("north", "south")
"""The first is the one over which results and orders are told."""
LINK = {"window": 10, "response_s": 1, "bind_s": 1}
"""What is on the wire when a link dies is in doubt: a window of one link. Leases are as short as they may be."""
ANSWER_DELAY_S = 0.1
"""Of an SMSC: meanwhile there is something on the wire."""
BILLING_TIMEOUT_S = 1.0
BILLING_TAKES_S = 0.25
"""Before it answers: meanwhile orders are being delivered, and whoever dies leaves some in doubt."""
BOUND_MAX_S = 90.0
"""A link that was refused for long rests half a minute."""


class Node(Gateway):
    """A gateway that can be frozen. It is not asked to stop when all is over: nobody looks any more."""

    def close(self) -> None:
        """kill -9."""
        if self._process is not None:
            self.kill()

    @property
    def pid(self) -> int:
        """Of its present life."""
        assert self._process is not None, "it is not running"
        return self._process.pid


class Centre(Smsc):
    """An SMSC that can be frozen, and be told to behave again."""

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None, "it is not running"
        return self._process.pid

    async def misbehave(self, **faults: object) -> None:
        """So from now on, and as an SMSC in good order otherwise, that takes its time."""
        good = SmscFaults().model_dump(mode="json") | {"answer_delay_s": ANSWER_DELAY_S}
        await self.faults(**good | faults)


class Shop(Billing):
    """A billing in one of the three manners, that can be frozen."""

    def __init__(self, folder: Path, repeats: Repeats) -> None:
        super().__init__(folder)
        self.repeats = repeats

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None, "it is not running"
        return self._process.pid

    async def misbehave(self, **faults: object) -> None:
        """So from now on. Its manner stays: it is the operator's, and no fault."""
        good = BillingFaults().model_dump(mode="json") | {"slow_s": BILLING_TAKES_S}
        await self._ask("POST", "/faults", json=good | faults | {"mode": self.repeats.value})


@dataclass(frozen=True, slots=True)
class Stage:
    """The processes of one run, by their names in the timeline."""

    ground: Ground
    gateways: dict[str, Node]
    smscs: dict[str, Centre]
    billing: Shop
    folder: Path
    settings: dict[str, str] = field(repr=False)

    @property
    def database_url(self) -> str:
        """Where the books are."""
        return self.ground.urls["GATEWAY_DATABASE_URL"]

    @property
    def urls(self) -> Sequence[str]:
        """Of the gateways."""
        return [one.url for one in self.gateways.values()]

    def start(self, name: str) -> None:
        """Start a gateway, or start it again."""
        self.gateways[name].start(**self.settings)

    def pid(self, name: str) -> int:
        """A process that can be frozen, by its name."""
        if name in {"postgres", "valkey"}:
            return self.ground.pid(name)
        if name == "billing":
            return self.billing.pid
        return self.gateways[name].pid if name in self.gateways else self.smscs[name].pid

    async def until_bound(self) -> None:
        """Return when every gateway is bound to every SMSC."""
        for name, smsc in self.smscs.items():

            async def bound(smsc: Centre = smsc) -> bool:
                states = [one["state"] for one in (await smsc.state())["sessions"]]
                return states.count("bound_trx") == GATEWAYS

            await until(bound, f"both gateways are bound to {name}", BOUND_MAX_S)


@asynccontextmanager
async def staged(folder: Path, repeats: Repeats) -> AsyncIterator[Stage]:
    """All of it, up and bound; gone when the context ends."""
    async with AsyncExitStack() as stack:
        smscs = {name: await stack.enter_async_context(Centre(folder)) for name in SMSCS}
        ground, billing = stack.enter_context(Ground(folder)), Shop(folder, repeats)
        links = ",".join(smsc.link(name, **LINK) for name, smsc in smscs.items())
        settings = {"GATEWAY_SMPP": links} | billing.settings(repeats, BILLING_TIMEOUT_S)
        names = [f"gateway {number}" for number in range(1, GATEWAYS + 1)]
        # By URL, as in production: who starts while a store is away waits for it.
        gateways = {name: stack.enter_context(Node(folder, ground.settings | ground.urls)) for name in names}
        stage = Stage(ground, gateways, smscs, billing, folder, settings)
        for name in names:
            stage.start(name)
        await stack.enter_async_context(billing)
        for disturbed in (billing, *smscs.values()):
            await disturbed.misbehave()
        await stage.until_bound()
        yield stage

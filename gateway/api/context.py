"""What the API's routes are handed."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from gateway.api.keys import Client, KeyRing
from gateway.clock import ProgrammeClock
from gateway.http.access import Caller
from gateway.loyalty.programme import Programme
from gateway.loyalty.service import Loyalty
from gateway.menu.model import Menu
from gateway.observability.metrics import Metrics
from gateway.settings import Repeats, StaffLimits
from gateway.store.idempotent import Requests
from gateway.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The parts that the composition root joined."""

    loyalty: Loyalty
    ledger: Ledger
    requests: Requests
    clock: ProgrammeClock
    keys: KeyRing
    metrics: Metrics
    limits: StaffLimits
    repeats: Repeats
    region: str
    menu: Callable[[], Menu]
    """That of the version in force."""

    @property
    def programme(self) -> Programme:
        """The one that this deployment runs."""
        return self.loyalty.programme

    async def close(self) -> None:
        """Close what the API alone had open."""
        await self.requests.close()
        await self.keys.close()


def caller_of(request: Request, body: bytes = b"") -> Caller:
    """The request as far as proofs go."""
    return Caller(request.client.host if request.client else "", dict(request.headers), body)


def client_of(request: Request) -> Client:
    """Whose request this is; `guard` found out."""
    client: Client = request.state.client
    return client

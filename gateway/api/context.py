"""What the API's routes are handed."""

from dataclasses import dataclass

from starlette.requests import Request

from gateway.clock import ProgrammeClock
from gateway.http.access import ApiKeys, Caller
from gateway.loyalty.service import Loyalty
from gateway.observability.metrics import Metrics


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The parts that the composition root joined."""

    loyalty: Loyalty
    clock: ProgrammeClock
    keys: ApiKeys
    metrics: Metrics
    region: str


def caller_of(request: Request, body: bytes = b"") -> Caller:
    """The request as far as proofs go."""
    return Caller(request.client.host if request.client else "", dict(request.headers), body)

"""`/health/live`, `/health/ready`, `/metrics`: for balancers and for whoever is on call."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from gateway.observability.health import Health
from gateway.observability.metrics import Metrics


def router(health: Health, metrics: Metrics) -> APIRouter:
    """The three routes. None of them names a subscriber."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/health/live", summary="Whether the process turns its loop")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @routes.get(
        "/health/ready",
        summary="Whether this gateway can serve",
        responses={503: {"description": "Some check failed; the report says which"}},
    )
    async def ready() -> Response:
        is_ready, report = await health.ready()
        return JSONResponse(report, 200 if is_ready else 503)

    @routes.get("/metrics", summary="Counters, in the Prometheus text format", response_class=Response)
    async def shown() -> Response:
        text, content_type = metrics.text()
        return Response(text, media_type=content_type)

    return routes

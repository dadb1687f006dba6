"""The composition root: the only place that joins real parts.

Reads like the path of a request from the bottom up: stores, use cases, edges, one ASGI application.
"""

import asyncio
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from gateway import packs
from gateway.actions import verbs
from gateway.api import demo as demo_api
from gateway.api import office
from gateway.api import operations as operations_api
from gateway.api.context import ApiContext
from gateway.api.keys import KeyRing
from gateway.clock import ProgrammeClock
from gateway.crash import CrashPoint, Reach, pass_by
from gateway.demo import fill_shelves, make_members
from gateway.drawing import Drawings
from gateway.errors import ConfigurationError, StoreUnavailableError
from gateway.http.access import ApiKeys
from gateway.http.failures import answer_errors, told_once
from gateway.ids import SessionUid
from gateway.log_events import LogEvent
from gateway.loops import forever
from gateway.loyalty.service import Loyalty
from gateway.menu.model import Menu
from gateway.messaging import Ground, Messaging
from gateway.observability import logging
from gateway.observability.health import Health
from gateway.observability.metrics import Metrics
from gateway.pack import Pack, compile_pack
from gateway.reloading import Reloader, Serving, Watch
from gateway.settings import Role, Settings, dialect_access
from gateway.smpp.links import parse as parse_links
from gateway.smpp.links import smscs
from gateway.smpp.settings import SMSC_DEFAULT, LinkSettings
from gateway.sms.dialects.wire import HttpLinkSettings
from gateway.sms.http_settings import parse as parse_http_links
from gateway.sms.routes import routes as sms_routes
from gateway.state.client import StateClient
from gateway.state.sessions import Sessions
from gateway.store import serving_view
from gateway.store.api_keys import KeyTable
from gateway.store.clock import MachineClock, VirtualClock
from gateway.store.idempotent import Requests
from gateway.store.items import Sender
from gateway.store.ledger import Identity, Ledger, PackVersion, TrackCounts
from gateway.store.packs import PackLibrary
from gateway.store.results import Results
from gateway.store.schema import Keys
from gateway.store.tracks import Target, TrackEvent
from gateway.ussd.conversation import Conversation, MenuLibrary
from gateway.ussd.counting import Counting
from gateway.ussd.dialects import dialects, names
from gateway.ussd.dialects.wire import Dialect
from gateway.ussd.finishing import Finishing
from gateway.ussd.hops import Hops
from gateway.ussd.recent import RecentSessions
from gateway.ussd.routes import UssdEdge, UssdParts
from gateway.working import Working

CLOCKS_APART_MAX_S = 2.0
"""Node and database further apart than this: not ready, since expiry and lockouts would differ by node."""

DESCRIPTION = """A USSD and SMS gateway for loyalty programmes: the callbacks of USSD gateways, the events of the
operator, health and metrics. Errors are RFC 9457 problem details."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the stores are, and the keys of what lies in them."""

    database_url: str
    redis_url: str
    number_keys: str
    code_key: str
    demo: bool
    embedded: bool
    freezer: demo_api.Freezer | None = None
    """Of a demo's embedded servers."""
    alive: Callable[[], bool] = lambda: True
    """Whether embedded servers are still held by somebody."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What only a demo has: a clock that testers move, and what they look into."""

    clock: VirtualClock
    recent: RecentSessions
    drawings: Drawings

    @classmethod
    def of(cls, settings: Settings, ledger: Ledger, pack: Pack) -> "Demo":
        """Of one process."""
        return cls(VirtualClock(ledger), RecentSessions(), Drawings(packs.locate(settings.pack), pack.files))


def create(
    settings: Settings,
    stores: Stores,
    pack: Pack,
    environment: Mapping[str, str],
    role: Role = Role.ALL,
    watch: Watch | None = None,
) -> ASGIApp:
    """The application. It connects when it starts; a store that is away then is awaited, not fatal. It serves the pack
    as its files become while they are watched.

    With the role `smpp` it serves links of SMPP, and over HTTP only health and metrics; with `http` only links to SMS
    gateways over HTTP; with `jobs` it has neither, and delivers orders and runs jobs.
    """
    links, http_links = _links(settings, role, environment)
    metrics, state = Metrics(), StateClient(stores.redis_url)
    target, notice, ledger = _ledger(settings, stores, pack, metrics)
    demo = Demo.of(settings, ledger, pack) if stores.demo else None
    clock: ProgrammeClock = demo.clock if demo else MachineClock()
    library = PackLibrary(ledger, pack.menu.digest, pack.menu, lambda files: compile_pack(files).menu)
    reach = armed(environment) if stores.demo else pass_by
    loyalty = Loyalty(pack.programme, ledger, reach)
    results = Results(ledger, target, notice)
    sessions = Sessions(state)
    finishing = Finishing(metrics.late_result)
    conversation = _conversation(loyalty, ledger, library, sessions, results, finishing)
    ground = Ground(loyalty, ledger, clock, metrics, target, notice, settings.region, reach)
    counting = Counting(ledger, clock, pack.programme.time_zone, metrics.registry)
    hops = Hops(conversation, clock, metrics, demo.recent if demo else None, counting.note)
    messaging = Messaging(links, pack, ground, hops, http_links) if links or http_links else None
    working = Working(settings.billing(), ground) if role.has_work else None
    reloader = _reloader(pack, watch, ground, library, messaging, demo)
    api = _api(settings, ground, library, demo=stores.demo)
    for batch in (*ledger.batches, state.commands):
        metrics.watch(batch.name, batch)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with suppress(StoreUnavailableError):  # a store that is away when we start is awaited, not fatal
            await ledger.open(await clock.at())
            if stores.demo:
                await _furnish(loyalty, ledger, pack, await clock.at())
        agreeing = forever(ledger.keep_agreeing)
        logging.info(LogEvent.STARTED, pack=pack.menu.digest, demo=stores.demo, embedded=stores.embedded)
        async with _running(working, counting, messaging, reloader, finishing):
            yield
            if working is not None:
                working.leave()  # while links say goodbye
        agreeing.cancel()
        await asyncio.gather(agreeing, return_exceptions=True)
        if stores.freezer is not None:
            stores.freezer.close()
        for store in (results, api, ledger, state):
            await store.close()
        logging.info(LogEvent.STOPPED)

    app = FastAPI(title="Loyalty gateway", description=DESCRIPTION, version="1", lifespan=lifespan)
    mounted = dialects(settings.dialects(names() if stores.demo else ())) if role.has_callers else ()
    access = {dialect.name: dialect_access(dialect.name, environment) for dialect in mounted}
    parts = UssdParts(hops, access, settings.region, stores.demo)
    if role.has_callers:
        for routes in office.routers(api):
            app.include_router(routes)
    app.include_router(operations_api.router(_health(ledger, state, stores, reloader, messaging), metrics))
    if demo is not None:
        looks = demo_api.Looks(sessions, demo.recent, conversation.key_of, settings.region, demo.drawings.svg)
        app.include_router(demo_api.router(demo.clock, looks, stores.freezer))
    _document_callbacks(app, mounted, http_links)
    answer_errors(app)
    return UssdEdge(parts, mounted, _sms_edge(messaging, told_once(app), environment, demo=stores.demo))


def _conversation(
    loyalty: Loyalty,
    ledger: Ledger,
    library: PackLibrary[Menu],
    sessions: Sessions,
    results: Results,
    finishing: Finishing,
) -> Conversation:
    """The conversation by USSD, with the time and the chance of this machine."""
    return Conversation(
        loyalty,
        library,
        verbs(),
        sessions,
        ledger.keys.digest_of,
        _mint,
        asyncio.sleep,
        results,
        loyalty.reach,
        finishing,
        time.monotonic,
    )


@asynccontextmanager
async def _running(*parts: Working | Counting | Messaging | Reloader | Finishing | None) -> AsyncIterator[None]:
    """What works by itself, begun in this order and ended in the other."""
    async with AsyncExitStack() as stack:
        for part in parts:
            if part is not None:
                await stack.enter_async_context(part.running())
        yield


def _ledger(settings: Settings, stores: Stores, pack: Pack, metrics: Metrics) -> tuple[Target, TrackEvent, Ledger]:
    """The ledger, and how others reach the same database."""
    counts = TrackCounts(settings.read_tracks, settings.write_tracks, settings.slow_tracks, settings.single_tracks)
    ours = identity(settings, stores, pack)
    target, notice = Target(stores.database_url, ours.keys.process_name()), _track_notice(metrics)
    return target, notice, Ledger(target, ours, counts, notice)


def http_links_of(settings: Settings) -> tuple[HttpLinkSettings, ...]:
    """The links to SMS gateways over HTTP, none of which has the name of a link of SMPP."""
    return parse_http_links(settings.http_links, smscs(settings.links)) if settings.http_links else ()


def _links(
    settings: Settings, role: Role, environment: Mapping[str, str]
) -> tuple[tuple[LinkSettings, ...], tuple[HttpLinkSettings, ...]]:
    """The links of a process of that role: of SMPP, and over HTTP."""
    links = parse_links(settings.links, environment) if role.has_links else ()
    if role is Role.SMPP and not links:
        raise ConfigurationError("the role smpp serves links: name them by GATEWAY_SMPP=smpp://…")
    return links, http_links_of(settings) if role.has_callers else ()


def _sms_edge(messaging: Messaging | None, behind: ASGIApp, environment: Mapping[str, str], *, demo: bool) -> ASGIApp:
    """The callbacks of SMS gateways in front of all but those of USSD, where there are links to such."""
    return behind if messaging is None else messaging.edge(behind, environment, demo=demo)


async def _furnish(loyalty: Loyalty, ledger: Ledger, pack: Pack, at: datetime) -> None:
    """What a demo begins with."""
    await make_members(loyalty, at)
    await fill_shelves(ledger, pack.programme, at)


def _api(settings: Settings, ground: Ground, menus: MenuLibrary, *, demo: bool) -> ApiContext:
    configured = ApiKeys(settings.keys_of_api(demo=demo), local_only=demo and settings.api_keys is None)
    return ApiContext(
        loyalty=ground.loyalty,
        ledger=ground.ledger,
        requests=Requests(ground.target, ground.notice, ground.reach),
        clock=ground.clock,
        keys=KeyRing(configured, KeyTable(ground.target, ground.notice)),
        metrics=ground.metrics,
        limits=settings.staff_limits(),
        repeats=settings.billing_repeats,
        region=ground.region,
        menu=lambda: menus.current,
    )


def identity(settings: Settings, stores: Stores, pack: Pack) -> Identity:
    """What this process is to its database."""
    sender = None
    if pack.sms is not None:
        first, *_ = (*smscs(settings.links), *(link.smsc for link in http_links_of(settings)), SMSC_DEFAULT)
        sender = Sender(first, pack.sms.table.sender)
    return Identity(
        Keys.parse(stores.number_keys, stores.code_key),
        PackVersion(pack.menu.digest, pack.files),
        stores.demo,
        pack.programme.grace_s,
        sender,
        pack.programme.time_zone,
    )


def armed(environment: Mapping[str, str]) -> Reach:
    """The crash point that a test asked for, `<point>:<n>`; without one, nothing."""
    wanted = environment.get("GATEWAY_CRASH_AT")
    if not wanted:
        return pass_by
    name, _, times = wanted.partition(":")
    try:
        point, left = CrashPoint(name), int(times or 1)
    except ValueError:
        known = ", ".join(CrashPoint)
        raise ConfigurationError(
            f"GATEWAY_CRASH_AT takes a point and a count, such as hop_saved:1; points: {known}"
        ) from None

    def reach(reached: CrashPoint) -> None:
        nonlocal left
        if reached is point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return reach


def _mint() -> SessionUid:
    return SessionUid(secrets.token_hex(8))


def _track_notice(metrics: Metrics) -> Callable[[str, str], None]:
    def notice(what: str, why: str) -> None:
        metrics.track(what)
        if what == "lost":
            logging.warning(LogEvent.TRACK_LOST, why=why)
        else:
            logging.info(LogEvent.TRACK_READY)

    return notice


def _reloader(
    pack: Pack,
    watch: Watch | None,
    ground: Ground,
    library: PackLibrary[Menu],
    messaging: Messaging | None,
    demo: Demo | None,
) -> Reloader:
    """Whoever serves the pack, each to be handed its next version once the database keeps it."""

    async def serve(version: Pack) -> None:
        kept = PackVersion(version.menu.digest, version.files)
        await ground.ledger.adopt(kept, await ground.clock.at())
        library.adopt(version.menu.digest, version.menu)
        if messaging is not None:
            messaging.adopt(version)
        if demo is not None:
            demo.drawings.adopt(version.files)

    async def tell(serving: Serving) -> None:
        await serving_view.tell(ground.ledger, serving.digest, serving.since, serving.standing, serving.why)

    return Reloader(pack, watch, serve, tell, ground.metrics)


def _health(
    ledger: Ledger, state: StateClient, stores: Stores, reloader: Reloader, messaging: Messaging | None
) -> Health:
    async def store_answers() -> str:
        apart_s = abs(datetime.now(UTC).timestamp() - (await ledger.agree()).epoch_s)
        return (
            "ok" if apart_s <= CLOCKS_APART_MAX_S else f"the database's clock is {apart_s:.1f} s away from this node's"
        )

    async def state_answers() -> str:
        await state.run("SET", "health:{ready}", "1", "PX", 60_000)
        return "ok"

    def facts() -> dict[str, str | bool]:
        links = messaging.bound() if messaging else {}
        away: dict[str, str | bool] = {f"link {name}": "bound" if bound else "away" for name, bound in links.items()}
        serving = reloader.serving
        told: dict[str, str | bool] = {"pack": serving.digest, "pack_files": serving.standing}
        if serving.why:
            told["pack_files_why"] = serving.why
        return away | {"embedded": stores.embedded, "demo": stores.demo} | told

    return Health({"store": store_answers, "state": state_answers}, facts)


def _document_callbacks(app: FastAPI, mounted: Sequence[Dialect], http_links: Sequence[HttpLinkSettings]) -> None:
    """Show the plain routes of the dialects in the OpenAPI document, beside those that FastAPI knows."""
    callbacks = [("ussd", f"/ussd/{d.name}{r.suffix}", r.method, r.documentation) for d in mounted for r in d.routes]
    for spoken, route in sms_routes(http_links):
        callbacks.append(("sms", f"/sms/{spoken.name}{route.suffix}", route.methods[0], route.documentation))
    described = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = described()
            for tag, path, method, documentation in callbacks:
                schema["paths"].setdefault(path, {})[method.lower()] = {"tags": [tag], **documentation}
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it

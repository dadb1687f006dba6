"""What commands that change something stand on: who types, the programme, the database and its time, a ledger."""

import asyncio
import json
import os
import pwd
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from gateway import app, packs, serving, settings
from gateway.app import Stores
from gateway.crash import Reach, pass_by
from gateway.errors import ConfigurationError
from gateway.pack import Pack, compile_pack
from gateway.settings import Settings
from gateway.store.ledger import Ledger, TrackCounts
from gateway.store.schema import ABSENT, NO_SCHEMA
from gateway.store.statements import CLOCK_OFFSET
from gateway.store.tracks import Target, connect

Done = TypeVar("Done")

EXIT_FAULTS = 1
TRACKS = TrackCounts(read=1, write=1, slow=1, single=1)

out = Console(highlight=False)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Count = Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """A command's place at the ledger: the pack that it decides by, the programme's time, and who sits there."""

    ledger: Ledger
    target: Target
    pack: Pack
    at: datetime
    actor: str
    demo: bool
    config: Settings

    @property
    def reach(self) -> Reach:
        """Where a demo's command dies when a test asks for it."""
        return app.armed(os.environ) if self.demo else pass_by


def at_desk(do: Callable[[Desk], Coroutine[Any, Any, Done]]) -> Done:
    """Do something with a ledger of one's own. Raises what the ledger raises."""
    config = settings.load()

    async def done(url: str) -> Done:
        async with _desk(config, url) as desk:
            return await do(desk)

    with serving.database_of(config) as url:
        return asyncio.run(done(url))


@asynccontextmanager
async def _desk(config: Settings, url: str) -> AsyncIterator[Desk]:
    pack = compile_pack(packs.locate(config.pack).read())
    offset_s = await _offset_s(url)
    at, demo = datetime.now(UTC) + timedelta(seconds=offset_s or 0), offset_s is not None
    stores = Stores(url, "", serving.number_keys(config), serving.code_key(config), demo, config.embedded)
    target = Target(url, "gateway command")
    ledger = Ledger(target, app.identity(config, stores, pack), TRACKS, lambda *_: None)
    try:
        await ledger.open(at)
        yield Desk(ledger, target, pack, at, actor(), demo, config)
    finally:
        await ledger.close()


async def _offset_s(url: str) -> int | None:
    """How far a demo's programme time runs ahead; None where time is the machine's."""
    connection = await connect(Target(url, "gateway command"))
    try:
        offset_s: int | None = await connection.fetchval(CLOCK_OFFSET)
    except ABSENT:
        raise ConfigurationError(NO_SCHEMA) from None
    finally:
        await connection.close()
    return offset_s


def actor() -> str:
    """Who is at the keyboard, as the system knows it; a uid without a name, as in most images, is its number."""
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"cli:{os.getuid()}"


def print_json(data: Any) -> None:
    """One JSON document on a line of its own."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def say(line: str) -> None:
    """A sentence for whoever typed."""
    out.print(line, markup=False, soft_wrap=True)

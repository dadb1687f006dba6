"""Serves a pack's files as they become, while the gateway runs: looked at, proved, kept in the database, served.

Decides when files are at rest, what may change under a running gateway and what waits for its next start, and what is
said of files that do not serve (decision 0021). A session keeps the menu it began with: that is the library's business.
Refuses to know who serves a version: `serve` is handed in, and either serves all of it or raises.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from gateway import packs
from gateway.check import check_pack
from gateway.datafile.findings import FaultyFileError, Finding, Severity
from gateway.errors import ConfigurationError, GatewayError
from gateway.log_events import LogEvent
from gateway.loops import forever
from gateway.observability import logging
from gateway.observability.metrics import Metrics
from gateway.pack import Pack, compile_pack
from gateway.packs import Mark, digest_of

AT_REST_S = 0.5
"""Files that have not changed for so long are not being saved. A file that is cut off in the middle and stays so does
not pass the check, and is looked at again when it changes."""
FINDINGS_SHOWN = 3
"""In one line of the log; `gateway check` shows all."""
TOLD_EVERY_S = 30.0
"""Between two notes in the database of what this process serves; who has not been heard of for longer is gone."""


class Standing(StrEnum):
    """How the files on the disk stand to what is served. `WAITS`: for the next start of this process."""

    SERVED = "served"
    FAULTY = "faulty"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Serving:
    """The version that a process serves, since when (machine time), and why its files are not it."""

    digest: str
    since: datetime
    standing: Standing = Standing.SERVED
    why: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Which files are looked at, and every how many seconds; 0: only when asked. `before` is how they lay when the
    version that is served was read, so that nothing that happens meanwhile is missed."""

    pack: str
    every_s: float
    before: Mark

    @classmethod
    def begin(cls, pack: str, every_s: float) -> "Watch":
        """From now on, which is before the pack is read. Raises `ConfigurationError`."""
        return cls(pack, every_s, packs.locate(pack).mark())


@dataclass(frozen=True, slots=True)
class NotServed:
    """Files that are not to be served, and why."""

    standing: Standing
    why: str


Serve = Callable[[Pack], Awaitable[None]]
Tell = Callable[[Serving], Awaitable[None]]


class Reloader:
    """The pack's files of one process. `tell` notes in the database what it serves."""

    def __init__(self, pack: Pack, watch: Watch | None, serve: Serve, tell: Tell, metrics: Metrics) -> None:
        self.serving = Serving(pack.menu.digest, datetime.now(UTC))
        self._pack = pack
        self._watch = watch
        self._serve = serve
        self._tell = tell
        self._metrics = metrics
        self._judged = watch.before if watch else ()
        self._asked = asyncio.Event()
        metrics.pack_standing(self.serving.standing)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look for as long as the context lasts: every so often, and at once on SIGHUP."""
        loops = [forever(self._keep_telling)]
        if self._watch is not None:
            loops.append(forever(self._keep_looking))
            with suppress(ValueError, RuntimeError):  # signals are heard in a program's main thread only
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.ask)
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)

    def ask(self) -> None:
        """Look now, even at files that were judged already."""
        self._judged = ()
        self._asked.set()

    async def look(self) -> None:
        """Judge the files if they have changed and are at rest."""
        assert self._watch is not None, "nobody looks where there is nothing to watch"
        pack = self._watch.pack
        try:
            mark = await asyncio.to_thread(_mark, pack)
            if mark == self._judged:
                return
            await asyncio.sleep(AT_REST_S)  # whoever saves a file writes it in pieces
            if mark != await asyncio.to_thread(_mark, pack):
                return
            said = await asyncio.to_thread(_proved, pack, self._pack)
            if mark != await asyncio.to_thread(_mark, pack):
                return
        except ConfigurationError as error:  # a file that must be there is not
            mark, said = (), NotServed(Standing.FAULTY, str(error))
        await self._settle(said)
        self._judged = mark

    async def _settle(self, said: Pack | NotServed | None) -> None:
        """Serve a version that was proved, or say why it is not. Raises what the store raises: looked at again."""
        before = self.serving
        if isinstance(said, Pack):
            await self._serve(said)
            self._pack = said
            self.serving = Serving(said.menu.digest, datetime.now(UTC))
            logging.info(LogEvent.PACK_RELOADED, pack=said.menu.digest, before=before.digest)
        elif said is None:
            self.serving = replace(before, standing=Standing.SERVED, why="")
        else:
            self.serving = replace(before, standing=said.standing, why=said.why)
        if self.serving == before:
            return
        standing = self.serving.standing
        self._metrics.pack_reload(standing)
        self._metrics.pack_standing(standing)
        if standing is not Standing.SERVED:
            logging.warning(LogEvent.PACK_NOT_RELOADED, pack=before.digest, standing=standing, why=self.serving.why)
        with suppress(GatewayError):
            await self._tell(self.serving)

    async def _keep_looking(self) -> None:
        assert self._watch is not None, "nobody looks where there is nothing to watch"
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._watch.every_s or None):
                    await self._asked.wait()
            self._asked.clear()
            with suppress(GatewayError):  # a store that is away: the files are looked at again
                await self.look()

    async def _keep_telling(self) -> None:
        while True:
            with suppress(GatewayError):
                await self._tell(self.serving)
            await asyncio.sleep(TOLD_EVERY_S)


def _mark(pack: str) -> Mark:
    return packs.locate(pack).mark()


def _proved(name: str, served: Pack) -> Pack | NotServed | None:
    """What the files are: a version that may be served, why they are none, or None where they are what is served."""
    files = packs.locate(name)
    try:
        texts = files.read()
        if digest_of(texts) == served.menu.digest:
            return None
        faults = [each for each in check_pack(files).findings if each.severity is Severity.ERROR]
        if faults:
            return NotServed(Standing.FAULTY, _shown(faults))
        pack = compile_pack(texts)
    except FaultyFileError as error:
        return NotServed(Standing.FAULTY, _shown(error.findings))
    why = needs_a_start(served, pack)
    return NotServed(Standing.WAITS, why) if why else pack


def needs_a_start(served: Pack, found: Pack) -> str:
    """Why a running process cannot serve another version; empty where it can."""
    if served.programme != found.programme:
        return (
            "programme.yaml: languages, units, rules, rewards and labels are taken up when the gateway starts: restart "
            "it, or take the change back"
        )
    if (served.sms is None) != (found.sms is None):
        return "sms.yaml: a pack begins or ceases to speak SMS when the gateway starts: restart it"
    if served.sms and found.sms:
        before, after = served.sms.table, found.sms.table
        if (before.numbers, before.sender) != (after.numbers, after.sender):
            return "sms.yaml: `numbers` and `sender` are taken up when the gateway starts: restart it"
    return ""


def _shown(faults: Sequence[Finding]) -> str:
    """The first faults, files by their names: where they lie is nobody's business who may read health."""
    told = [str(replace(fault, file="/".join(Path(fault.file).parts[-2:]))) for fault in faults[:FINDINGS_SHOWN]]
    more = len(faults) - len(told)
    return "; ".join(told) + (f"; and {more} more: gateway check" if more else "")

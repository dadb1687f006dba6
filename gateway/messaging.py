"""Everything of SMS in one process, and of USSD over SMPP: links, what comes over them, what goes out. The composition
root's other half.

Decides in which order it all starts and stops. A text that was acknowledged has been committed, so stopping loses
nothing: what was not sent waits in the outbox for whoever comes next.
"""

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from starlette.types import ASGIApp

from gateway.actions import verbs
from gateway.clock import ProgrammeClock
from gateway.crash import Reach
from gateway.errors import ConfigurationError, GatewayError
from gateway.ids import IdempotencyKey
from gateway.log_events import LogEvent
from gateway.loops import forever
from gateway.loyalty.service import Loyalty
from gateway.msisdn import masked
from gateway.observability import logging
from gateway.observability.metrics import Metrics
from gateway.pack import Pack, compile_pack
from gateway.settings import dialect_access
from gateway.smpp import ussd
from gateway.smpp.deliveries import Answer
from gateway.smpp.link import Link
from gateway.smpp.pdu.messages import DataSm, DeliverSm
from gateway.smpp.settings import LinkSettings
from gateway.sms import over_smpp
from gateway.sms.conversation import Conversation
from gateway.sms.dialects.wire import HttpLinkSettings
from gateway.sms.http_link import HttpLink
from gateway.sms.load import SmsPack
from gateway.sms.ports import Message
from gateway.sms.receiver import Receiver, ReceiverParts
from gateway.sms.routes import SmsEdge, SmsParts
from gateway.sms.sender import Sender
from gateway.store.inbox import Inbox
from gateway.store.ledger import Ledger
from gateway.store.outbox import Outbox
from gateway.store.packs import PackLibrary
from gateway.store.pushes import Pushes, PushTaken
from gateway.store.tracks import Target, TrackEvent
from gateway.ussd.handover import Handover
from gateway.ussd.hops import Hops
from gateway.ussd.links import UssdLinks
from gateway.ussd.pushes import Pushing

FINISH_S = 4.0
"""How long what is on the wire may take to be answered when we are asked to stop."""
COUNT_S = 15.0
"""Between two counts of what waits; they read every row that is not over, and scrapers ask no more often."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What messaging shares with the rest of the process."""

    loyalty: Loyalty
    ledger: Ledger
    clock: ProgrammeClock
    metrics: Metrics
    target: Target
    notice: TrackEvent
    region: str
    reach: Reach


class Messaging:
    """The links of `GATEWAY_SMPP` and of `GATEWAY_SMS`, over one pack. Without `hops` none of them speaks USSD."""

    def __init__(
        self,
        links: tuple[LinkSettings, ...],
        pack: Pack,
        ground: Ground,
        hops: Hops | None = None,
        http_links: tuple[HttpLinkSettings, ...] = (),
    ) -> None:
        if pack.sms is None:
            raise ConfigurationError(
                "GATEWAY_SMPP or GATEWAY_SMS is set, and the pack has no sms.yaml: add it, or unset the links"
            )
        self.links: tuple[Link, ...] = ()
        self.http_links: tuple[HttpLink, ...] = ()
        self._settings, self._http_settings = links, http_links
        self._ground = ground
        self._outbox = Outbox(ground.target, ground.ledger.keys, ground.notice)
        self._inbox = Inbox(ground.ledger, ground.target, ground.notice, pack.menu.digest)
        current: SmsPack | None = pack.sms
        library = PackLibrary(ground.ledger, pack.menu.digest, current, lambda files: compile_pack(files).sms)
        self._words = Words(library)
        self._process = secrets.token_hex(6)
        self._sender = Sender(self._outbox, self._words, ground.clock, self._process, self._told, ground.reach)
        self._numbers = frozenset(pack.sms.table.numbers)
        self._receiver = Receiver(self._receiver_parts(pack.sms))
        self._ussd: UssdLinks | None = None
        self._pushing: Pushing | None = None
        if hops is not None:
            self._ussd, self._pushing = self._of_ussd(hops)
        for batch in (self._outbox.settle, self._outbox.receipt, self._inbox.answered):
            ground.metrics.watch(batch.name, batch)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the context lasts."""
        self.links = tuple(map(self._link, self._settings))
        self.http_links = tuple(map(self._http_link, self._http_settings))
        for name in self.bound():
            self._ground.metrics.link(name, partial(self._is_bound, name))
        loops = [
            forever(loop)
            for loop in (self._sender.run, self._receiver.give_up_incomplete, self._receiver.come_back, self._count)
        ]
        going_out = [loops[0]]
        if self._pushing is not None and any(link.ussd for link in self._settings):
            going_out.append(forever(self._pushing.run))
        links = [asyncio.create_task(link.run()) for link in self.links]
        try:
            yield
        finally:
            for loop in going_out:
                loop.cancel()  # nothing new goes out; what is on the wire may be answered
            if self._pushing is not None:
                await self._pushing.finish(FINISH_S)
            await self._sender.drain(FINISH_S)
            await asyncio.gather(*(link.stop() for link in self.links))
            await asyncio.gather(*(link.stop(FINISH_S) for link in self.http_links))
            await asyncio.gather(*links, return_exceptions=True)
            for loop in loops[1:]:
                loop.cancel()
            await asyncio.gather(*loops, *going_out, return_exceptions=True)
            await self._receiver.finish(FINISH_S)
            await self._sender.finish(FINISH_S)
            await self._inbox.close()
            await self._outbox.close()

    def adopt(self, pack: Pack) -> None:
        """Understand texts by another version's keywords and answer in its words; numbers and links stay."""
        assert pack.sms is not None, "whoever reloads a pack has seen that it speaks SMS as before"
        self._words.library.adopt(pack.menu.digest, pack.sms)
        self._inbox.adopt(pack.menu.digest)
        self._receiver.converse_by(self._conversation(pack.sms))

    def bound(self) -> dict[str, bool]:
        """Which links are bound, by names that say nothing of whose they are: anybody may read health and metrics."""
        links: tuple[Link | HttpLink, ...] = (*self.links, *self.http_links)
        return {
            f"{link.settings.smsc}#{number}{link.settings.one_way}": link.is_bound
            for number, link in enumerate(links, 1)
        }

    def edge(self, behind: ASGIApp, environment: Mapping[str, str], *, demo: bool) -> ASGIApp:
        """The callbacks of SMS gateways, with the proofs that the environment asks of them, in front of all else."""
        links = self._http_settings
        if not links:
            return behind
        access = {link.dialect: dialect_access(link.dialect, environment, "SMS") for link in links}
        parts = SmsParts(self._receiver, links, access, self._numbers, self._ground.region, demo)
        return SmsEdge(parts, behind)

    def _of_ussd(self, hops: Hops) -> tuple[UssdLinks, Pushing]:
        """What speaks USSD over links, for whoever dials and to whoever did not."""
        pushes, handover, menus = Pushes(self._ground.ledger), Handover(), hops.conversation.menus
        links = UssdLinks(hops, self._ground.region, pushes, handover)
        return links, Pushing(
            hops, pushes, handover, lambda: menus.current.service_number, self._process, self._told_push
        )

    def _told_push(self, state: str, push: PushTaken, why: str) -> None:
        self._ground.metrics.push(state)
        logging.info(
            LogEvent.PUSH, push_id=push.push_id, msisdn=masked(push.msisdn), push=push.push, state=state, why=why
        )

    def _mint(self, ordinals: Iterator[int]) -> IdempotencyKey:
        """`process/ordinal`: by it a late attempt of ours is known to be older than another."""
        return IdempotencyKey(f"sms {self._process}/{next(ordinals):012d}")

    async def _count(self) -> None:
        """Keep the gauge of what waits."""
        while True:
            with suppress(GatewayError):
                self._ground.metrics.outbox(await self._outbox.counts())
            await asyncio.sleep(COUNT_S)

    def _is_bound(self, name: str) -> bool:
        return self.bound()[name]

    def _receiver_parts(self, sms: SmsPack) -> ReceiverParts:
        ground = self._ground
        return ReceiverParts(
            self._conversation(sms),
            self._inbox,
            self._outbox,
            self._sender,
            ground.clock,
            ground.metrics,
            ground.ledger.keys.digest_of,
            partial(self._mint, itertools.count(1)),
            ground.ledger.agree,
            ground.reach,
        )

    def _conversation(self, sms: SmsPack) -> Conversation:
        limits = sms.table.help_limits, sms.table.answer_limits
        return Conversation(self._ground.loyalty, sms.matcher, verbs(), self._inbox, *limits, self._ground.reach)

    def _link(self, settings: LinkSettings) -> Link:
        async def deliver(pdu: DeliverSm | DataSm, answer: Answer) -> None:
            if self._ussd is not None and settings.ussd is not None and ussd.is_ussd(pdu):
                await self._ussd.deliver(link, pdu, answer)
                return
            heard = over_smpp.read(pdu, settings, self._numbers, self._ground.region)
            await self._receiver.deliver(heard, partial(over_smpp.answered, settings, answer))

        link = Link(settings, deliver, partial(_notice, settings), self._freed)
        if settings.bind.submits:
            self._sender.add(over_smpp.SmppLink(link))
        if settings.ussd is not None and self._pushing is not None:
            self._pushing.add(link)
        if settings.ussd is None:  # whoever dials is told at once that a store is away, and not that nobody is there
            self._receiver.add(link)
        return link

    def _http_link(self, settings: HttpLinkSettings) -> HttpLink:
        link = HttpLink(settings, partial(_notice, settings), self._freed)
        self._sender.add(link)
        return link

    def _freed(self) -> None:
        """A link has room."""
        if self._ussd is not None:
            self._ussd.freed()
        self._sender.freed()

    def _told(self, state: str, message: Message) -> None:
        self._ground.metrics.message(state)
        logging.info(
            LogEvent.MESSAGE,
            message_id=message.message_id,
            msisdn=masked(message.msisdn),
            short_number=message.short_number,
            says=f"{message.reply.reply}:{message.reply.outcome}",
            state=state,
            tries=message.tries,
        )


@dataclass(frozen=True, slots=True)
class Words:
    """Implements `sms.sender.Texts`: the wording of the pack version that decided a message."""

    library: PackLibrary[SmsPack | None]

    async def text_of(self, message: Message) -> str:
        """See `Texts.text_of`."""
        version = await self.library.version(message.pack_digest)
        if version is None:
            raise ConfigurationError("the pack that decided this message is not known here, or has no texts")
        reply = message.reply
        return version.texts.fill(reply.reply, reply.outcome, reply.language, reply.facts)


_EVENTS: Mapping[str, LogEvent] = {
    "bound": LogEvent.LINK_BOUND,
    "left": LogEvent.LINK_LEFT,
    "lost": LogEvent.LINK_LOST,
    "refused": LogEvent.LINK_REFUSED,
}


def _notice(settings: LinkSettings | HttpLinkSettings, what: str, why: str) -> None:
    event = _EVENTS.get(what, LogEvent.LINK_FAULT)
    tell = logging.info if event in {LogEvent.LINK_BOUND, LogEvent.LINK_LEFT} else logging.warning
    tell(event, link=settings.shown, why=why)

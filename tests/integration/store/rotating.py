"""Gateways that hold several versions of their keys, and one subscriber with something under each kind of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from gateway.ids import Amount, IdempotencyKey, MemberId
from gateway.loyalty.ports import Result
from gateway.loyalty.writes import MakeQuote, PlaceOrder, SettleOrder, Told
from gateway.pack import Pack
from gateway.smpp.pdu.coding import DefaultAlphabet
from gateway.sms import content
from gateway.sms.kinds import REPLY
from gateway.sms.ports import Mo, PartOf, Reply, Taken, Taking
from gateway.store import inbox_view, orders_view, rewards_view
from gateway.store.inbox import Inbox
from gateway.store.ledger import Identity, Ledger, PackVersion
from gateway.store.schema import Keys
from gateway.store.tracks import Target
from tests.conftest import CODE_KEY, NUMBER_KEYS, SENDER, TRACKS
from tests.integration.store.gift_codes import Shop, redeem
from tests.integration.store.traffic import (
    AT,
    NUMBER,
    POINTS,
    Connection,
    charge,
    deciding,
    earning,
    enrolled,
    key,
    points,
    posted,
    secrets_of,
)

EARNED, PRICE = 1_000, Amount(100)
VOUCHERS = ("AB-1", "AB-2")
SEALED = "select facts from outbox where facts ? 'sealed' order by message_id"


def held(numbers: Sequence[int], codes: Sequence[int] = (1,)) -> Keys:
    """These versions; the first of each is the one that all tests use."""
    later = {version: f"{version}:{0xA0 + version:064x}" for version in (*numbers, *codes)}
    return Keys.parse(
        ",".join((later | {1: NUMBER_KEYS})[one] for one in numbers),
        ",".join((later | {1: CODE_KEY})[one] for one in codes),
    )


@asynccontextmanager
async def holding(
    database_url: str, pack: Pack, numbers: Sequence[int], codes: Sequence[int] = (1,), *, named: bool = True
) -> AsyncIterator[Ledger]:
    """The ledger of a gateway that holds these versions; or, without its name, of a command."""
    keys = held(numbers, codes)
    target = Target(database_url, keys.process_name() if named else "gateway command")
    identity = Identity(keys, PackVersion(pack.menu.digest, pack.files), True, pack.programme.grace_s, SENDER)
    ledger = Ledger(target, identity, TRACKS, lambda *_: None)
    try:
        yield ledger
    finally:
        await ledger.close()


def text(name: str, octets: bytes, part: PartOf | None = None) -> Mo:
    return Mo("main", NUMBER, "6111", name.encode(), content.packed(octets, 8, DefaultAlphabet.GSM7), part)


@dataclass(slots=True)
class Estate:
    """What one subscriber has under the keys: a number, an order with its code, a text, a part of another, gift codes,
    and requests that were answered. `shelf` are vouchers that nobody has bought yet."""

    database_url: str
    connection: Connection
    pack: Pack
    folder: Path
    member_id: MemberId = field(init=False)
    order_id: int = field(init=False)
    codes: list[str] = field(init=False)

    async def settle(self, ledger: Ledger) -> None:
        """Put it there."""
        self.member_id = await enrolled(ledger)
        await posted(ledger, self.member_id, EARNED, "earned")
        await rewards_view.put_vouchers(ledger, "ticket", VOUCHERS, "staff", AT)
        self.order_id = (await ledger.write(await self.order(ledger, "mug", "pick_up"), AT)).ids["order_id"]
        await ledger.record_event(charge("first"), deciding(self.member_id, earning(10)), AT)
        async with self.inbox(ledger) as inbox:
            replies: dict[Result, Reply | None] = {Result.READ: Reply("help", "shown", {}, "ru")}
            mo = text("parked", "Кто здесь?".encode("utf-16-be"))
            taking = Taking(self.member_id, IdempotencyKey("parked"), mo, None, replies, REPLY, parked=True)
            assert await inbox.take(taking, AT) is not None
            assert await self.part(inbox, 1) is None
        shop = Shop(self.database_url, self.folder)
        issued = [await shop.issue(numbers=[NUMBER]), await shop.issue()]
        self.codes = [one.gift_codes[0] for one in issued]

    async def order(self, ledger: Ledger, reward: str, fulfilment: str) -> PlaceOrder:
        """One of a reward, after a quote."""
        quote = key(f"quote {reward}")
        ends = AT + timedelta(minutes=10)
        await ledger.write(MakeQuote(self.member_id, reward, POINTS, PRICE, "9373", quote, ends), AT)
        told = {
            result: Told("voucher", "order", result, {"reward": reward}, "ru", ("handover", "voucher"))
            for result in ("ready", "delivered")
        }
        return PlaceOrder(
            self.member_id, reward, fulfilment, POINTS, PRICE, quote, "sms", key(f"order {reward}"),
            due_at=AT + timedelta(days=9), told=told,
        )  # fmt: skip

    async def part(self, inbox: Inbox, number: int) -> Sequence[bytes] | Taken | None:
        mo = text("long", f"{number}".encode("utf-16-be"), PartOf(number, 2))
        return await inbox.keep_part(self.member_id, mo, PartOf(number, 2), IdempotencyKey(f"part {number}"), AT)

    @asynccontextmanager
    async def inbox(self, ledger: Ledger) -> AsyncIterator[Inbox]:
        inbox = Inbox(ledger, Target(self.database_url), lambda *_: None, self.pack.menu.digest)
        yield inbox
        await inbox.close()

    async def secrets(self, ledger: Ledger) -> dict[str, str]:
        """What the member's messages will say, by its name."""
        rows = await self.connection.fetch(SEALED)
        return {name: secret for row in rows for name, secret in secrets_of(ledger, row["facts"]).items()}

    async def is_whole(self, ledger: Ledger) -> None:
        """A gateway of these keys has all of it, and whatever is sent again is known again."""
        member = await ledger.member(NUMBER, AT)
        assert member is not None
        assert member.member_id == self.member_id
        before = await points(ledger)
        assert (await ledger.record_event(charge("first"), deciding(self.member_id, earning(10)), AT)).repeated
        assert (await ledger.write(await self.order(ledger, "mug", "pick_up"), AT)).repeated
        assert await rewards_view.put_vouchers(ledger, "ticket", VOUCHERS, "staff", AT) == 0
        assert await points(ledger) == before
        handover = (await self.secrets(ledger))["handover"]
        assert await orders_view.of_handover(ledger, handover, "staff", AT) == self.order_id
        [parked] = await inbox_view.parked(self.database_url, ledger.keys, 10)
        assert (parked.text, parked.msisdn) == ("Кто здесь?", "+7921*****01")

    async def is_spent(self, ledger: Ledger) -> None:
        """And it is all of use: the last part makes the text whole, a voucher is delivered, codes are redeemed."""
        async with self.inbox(ledger) as inbox:
            parts = await self.part(inbox, 2)
        assert isinstance(parts, Sequence)
        assert content.joined(list(parts)) == "12"
        ticket = await ledger.write(await self.order(ledger, "ticket", "voucher"), AT)
        assert ticket.result is Result.DELIVERED
        assert (await self.secrets(ledger))["voucher"] in VOUCHERS
        redeemed = [(await redeem(ledger, self.member_id, code)).result for code in self.codes]
        assert redeemed == [Result.REDEEMED] * len(self.codes)

    async def is_handed_over(self, ledger: Ledger) -> None:
        """The order ends: nothing waits for its code any more."""
        settlement = SettleOrder(self.member_id, self.order_id, "delivered", "", "staff", key("hand over"))
        assert (await orders_view.settle(ledger, settlement, "staff", AT)).result is Result.DELIVERED

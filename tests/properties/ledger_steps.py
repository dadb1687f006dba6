"""What may be asked of a ledger: values drawn without knowing what is there, and the calls that they become.

A `place` chooses among what there is when the step runs, modulo its number, or now and then nothing: so most steps hit
something, and some hit what is nobody's or another's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st

from gateway.ids import Amount, IdempotencyKey, MemberId, Unit
from gateway.loyalty import programme_file
from gateway.loyalty.ports import Decision, Event, Status
from gateway.loyalty.programme import AMOUNT_MAX, EventType
from gateway.loyalty.rules import Earning, earn
from gateway.loyalty.writes import (
    Adjust,
    CaptureHold,
    ChooseLanguage,
    ClawBack,
    IntoExpired,
    MakeQuote,
    PlaceHold,
    PlaceOrder,
    Refund,
    ReleaseHold,
    Reverse,
    SettleOrder,
    Spend,
    Told,
)
from gateway.msisdn import Msisdn
from tests.properties.ledger_model import CHANNEL, Call, Model, Post, Record

STARTS = [datetime(2027, 6, 30, 21, 30, tzinfo=UTC), datetime(2027, 2, 27, 12, tzinfo=UTC)]
"""Two years from each hold 29 February 2028, and four changes of Berlin's clocks."""
LASTS = timedelta(days=731)
NUMBERS = [Msisdn(f"+7921000000{digit}") for digit in range(4)]
NOBODY = MemberId(2**40)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

PROGRAMME = programme_file.load(
    "programme.yaml",
    """
name: {ru: Проба}
time_zone: Europe/Berlin
languages: [ru]
enrolment: automatic
terms: {version: "1"}
advertising: {version: "1"}
other_label: {ru: прочее}
units:
  points: {names: {ru: {one: балл, few: балла, many: баллов}}, expires: {months: 6}}
  days: {names: {ru: {one: день, few: дня, many: дней}}, expires: {months: 1, round: none}}
  stars: {names: {ru: {one: звезда, few: звезды, many: звёзд}}}
earning:
  - {rule: topup, label: {ru: а}, event: top_up, unit: points,
     steps: [{from: 100, percent: 1}, {from: 900, percent: 7}]}
  - {rule: bonus, label: {ru: б}, event: top_up, unit: days, give: 2, per: 300, at_most: 5}
  - {rule: promo, label: {ru: в}, event: top_up, unit: stars, give: 1,
     starts: 2028-02-29T00:00:00+01:00, ends: 2028-10-29T03:00:00+01:00}
  - {rule: charge, label: {ru: г}, event: charge, unit: points, give: 3, per: 7, pending_days: 3}
  - {rule: welcome, label: {ru: д}, event: activated, unit: days, give: 5, once: true}
""",
)
UNITS = [Unit(code) for code in PROGRAMME.units]


@dataclass(frozen=True, slots=True)
class Ware:
    """A reward of the test's own."""

    reward: str
    fulfilment: str
    price: int
    counted: bool = False
    limit: int | None = None
    due: timedelta | None = None


WARES = [
    Ware("cinema", "billing", 7, counted=True),
    Ware("minutes", "billing", 3, limit=2),
    Ware("mug", "pick_up", 12, counted=True, limit=1, due=20 * DAY),
    Ware("taxi", "manual", 5, due=10 * DAY),
    Ware("ticket", "voucher", 4),
]
LIMIT_SPAN = 30 * DAY
SHORT_NUMBERS = ["9373", "6111"]
SWITCHES = ["action:exchange", "reward:cinema", "reward:ticket", "reward:other"]
OWNERS = ["one", "two"]


@dataclass(frozen=True, slots=True)
class Gift:
    """An accrual that no rule gave, for the `place`-th member, or for nobody; `waits`: it is pending for a while."""

    place: int
    unit: Unit
    amount: int
    lives: timedelta | None
    waits: bool
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Wish:
    """A choice of language."""

    place: int
    language: str
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Want:
    """To hold, to spend or to adjust. `share`: of what is there, in quarters; `more`: and so much besides."""

    how: str
    place: int
    unit: Unit
    share: int
    more: int
    lives: timedelta | None
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class End:
    """How the `which`-th hold ends."""

    place: int
    which: int
    how: str
    share: int | None
    more: int
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Undo:
    """A refund or a reversal of the `which`-th transfer that it might be of."""

    how: str
    place: int
    which: int
    share: int | None
    more: int
    policy: int
    lives: timedelta | None
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Ask:
    """What a reward costs."""

    place: int
    ware: Ware
    dearer: int
    short_number: str
    lives: timedelta
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Buy:
    """Confirm the `which`-th quote, perhaps for another price; `told` by SMS or not."""

    place: int
    which: int
    cheaper: int
    told: bool
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of the `which`-th order, by whoever has it, by somebody else, or by staff (0)."""

    which: int
    by: int
    becomes: str
    doubtful: bool
    told: bool
    rests: timedelta | None
    key: IdempotencyKey


Asked: TypeAlias = Event | Gift | Wish | Want | End | Undo | Ask | Buy | Word

PLACES = st.integers(0, 10**6)
KEYS = st.integers(0, 10**6).map(lambda number: IdempotencyKey(f"hop:{number}"))
FEW_KEYS = st.integers(0, 5).map(lambda number: IdempotencyKey(f"hop:{number}"))
ANY_KEY = KEYS | KEYS | KEYS | FEW_KEYS
LIVES = st.none() | st.sampled_from([TICK, DAY, 40 * DAY, 400 * DAY]) | st.timedeltas(TICK, LASTS)
AMOUNTS = st.sampled_from([0, 1, 6, 7, 99, 100, 299, 300, 899, 900, 10**6]) | st.integers(0, 2000)
EVENTS = st.builds(
    Event,
    source=st.sampled_from(["billing", "web"]),
    event_id=st.integers(0, 40).map(str),
    kind=st.sampled_from(EventType),
    msisdn=st.sampled_from(NUMBERS),
    amount=AMOUNTS.map(Amount),
)
UNIT = st.sampled_from([UNITS[0], *UNITS])
GIFTS = st.builds(Gift, PLACES, UNIT, st.integers(1, 99) | st.just(AMOUNT_MAX), LIVES, st.booleans(), ANY_KEY)
WISHES = st.builds(Wish, PLACES, st.sampled_from(["ru", "en"]), ANY_KEY)
SHARE = st.sampled_from([1, 2, 3, 4, 4])
MORE = st.sampled_from([0, 0, 0, 1, -1, -10_000])
WANTS = st.builds(
    Want, st.sampled_from(["hold", "hold", "spend", "spend", "give", "take"]), PLACES, UNIT, SHARE, MORE, LIVES, ANY_KEY
)
ENDS = st.builds(End, PLACES, PLACES, st.sampled_from(["capture", "release"]), st.none() | SHARE, MORE, ANY_KEY)
UNDOS = st.builds(
    Undo, st.sampled_from(["refund", "reverse"]), PLACES, PLACES, st.none() | SHARE, MORE, PLACES, LIVES, ANY_KEY
)
ASKS = st.builds(
    Ask,
    PLACES,
    st.sampled_from(WARES),
    st.integers(0, 1),
    st.sampled_from(SHORT_NUMBERS),
    st.sampled_from([TICK, timedelta(minutes=10), 3 * DAY]),
    ANY_KEY,
)
BUYS = st.builds(Buy, PLACES, PLACES, st.sampled_from([0, 0, 0, 1]), st.booleans(), ANY_KEY)
WORDS = st.builds(
    Word,
    PLACES,
    st.sampled_from([0, 1, 1, 2]),
    st.sampled_from(["delivered", "refused", "expired", "parked", "later"]),
    st.booleans(),
    st.booleans(),
    st.none() | st.sampled_from([timedelta(minutes=5), DAY]),
    ANY_KEY,
)
ANYTHING = st.one_of(EVENTS, GIFTS, GIFTS, WISHES, WANTS, WANTS, ENDS, UNDOS, UNDOS, ASKS, BUYS, BUYS, WORDS)

T = TypeVar("T")


def chosen(things: Sequence[T], place: int) -> T | None:
    """One of them, or, now and then, none."""
    return things[place % len(things)] if things and place % 17 else None


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls of what is asked, as the books are at this moment."""

    model: Model
    at: datetime

    def call(self, asked: Asked) -> Call:
        """The call."""
        match asked:
            case Event():
                return Record(asked, self.decision(asked))
            case Gift():
                return self._gift(asked)
            case Wish(place, language, key):
                return ChooseLanguage(self.member_id(place), language, key)
            case Want():
                return self._want(asked)
            case End():
                return self._end(asked)
            case Undo():
                return self._undo(asked)
            case Ask():
                return self._ask(asked)
            case Buy():
                return self._buy(asked)
            case Word():
                return self._word(asked)

    def member_ids(self) -> list[MemberId]:
        """The members', and nobody's."""
        return [*(person.member_id for person in self.model.people.values()), NOBODY]

    def member_id(self, place: int) -> MemberId:
        members = self.member_ids()
        return members[place % len(members)]

    def decision(self, event: Event) -> Decision:
        """As the service decides, from what the member is now."""
        person = self.model.people[event.msisdn]
        becomes = {EventType.BLOCKED: Status.BLOCKED, EventType.UNBLOCKED: Status.ACTIVE}.get(event.kind, person.status)
        active = person.status is Status.ACTIVE
        earned = earn(PROGRAMME, event.kind, event.amount, self.at, self.at) if active else ()
        return Decision(person.member_id, person.status, becomes, earned)

    def _until(self, lives: timedelta | None) -> datetime | None:
        return None if lives is None else self.at + lives

    def _gift(self, gift: Gift) -> Post:
        until = self._until(gift.lives)
        waits = gift.waits and gift.lives != TICK
        half = 10 * DAY if gift.lives is None else gift.lives / 2
        earning = Earning("gift", gift.unit, Amount(gift.amount), until, available_at=self.at + half if waits else None)
        return Post(self.member_id(gift.place), earning, gift.key)

    def _want(self, want: Want) -> Call:
        member_id = self.member_id(want.place)
        there = self.model.books.available(member_id, want.unit, self.at)
        amount = Amount(there * want.share // 4 + want.more)
        until = self._until(want.lives)
        match want.how:
            case "hold":
                return PlaceHold(member_id, want.unit, amount, "kept", CHANNEL, want.key, until)
            case "spend":
                return Spend(member_id, want.unit, amount, "paid", CHANNEL, want.key)
            case "give":
                return Adjust(member_id, want.unit, Amount(1 + want.share), "sorry", CHANNEL, want.key, until)
            case _:
                return Adjust(member_id, want.unit, Amount(-amount), "slip", CHANNEL, want.key)

    def _end(self, end: End) -> Call:
        hold = chosen(self.model.books.holds, end.which)
        number, held = (hold.number, hold.amount) if hold else (end.which, 1)
        member_id = MemberId(hold.act.member_id) if hold and end.place % 7 else self.member_id(end.place)
        if end.how == "release":
            return ReleaseHold(member_id, number, CHANNEL, end.key)
        amount = None if end.share is None else Amount(held * end.share // 4 + end.more)
        return CaptureHold(member_id, number, CHANNEL, end.key, amount)

    def _undo(self, undo: Undo) -> Call:
        kinds = ("spend",) if undo.how == "refund" else ("accrual", "adjustment")
        able = [one for one in self.model.books.transfers if one.kind in kinds or undo.which % 13 == 0]
        undone = chosen(able, undo.which)
        number, moved = (undone.number, abs(undone.amount)) if undone else (undo.which, 1)
        member_id = MemberId(undone.act.member_id) if undone and undo.place % 7 else self.member_id(undo.place)
        amount = None if undo.share is None else Amount(moved * undo.share // 4 + undo.more)
        if undo.how == "refund":
            policy = list(IntoExpired)[undo.policy % 3]
            return Refund(member_id, number, "back", CHANNEL, undo.key, amount, policy, self._until(undo.lives))
        return Reverse(member_id, number, "taken back", CHANNEL, undo.key, amount, list(ClawBack)[undo.policy % 3])

    def _ask(self, ask: Ask) -> MakeQuote:
        price = Amount(ask.ware.price + ask.dearer)
        until = self.at + ask.lives
        return MakeQuote(self.member_id(ask.place), ask.ware.reward, UNITS[0], price, ask.short_number, ask.key, until)

    def _buy(self, buy: Buy) -> Call:
        quote = chosen(list(self.model.shop.quotes.values()), buy.which)
        ware = WARES[buy.which % len(WARES)]
        member_id, quote_key, price = self.member_id(buy.place), f"hop:{buy.which}", ware.price
        if quote is not None:
            ware = next(one for one in WARES if one.reward == quote.reward)
            quote_key, price = quote.key, quote.price
            member_id = MemberId(quote.member_id) if buy.place % 7 else member_id
        told = {name: Told("voucher", "exchange", name, {}, "ru", ("handover",)) for name in ("delivered", "ready")}
        return PlaceOrder(
            member_id,
            ware.reward,
            ware.fulfilment,
            UNITS[0],
            Amount(price - buy.cheaper),
            quote_key,
            CHANNEL,
            buy.key,
            ware.counted,
            ware.limit,
            None if ware.limit is None else self.at - LIMIT_SPAN,
            self._until(ware.due),
            told=told if buy.told else {},
        )

    def _word(self, word: Word) -> SettleOrder:
        order = chosen(self.model.shop.orders, word.which)
        owner = order.owner if order and word.by == 1 else [None, None, OWNERS[word.which % 2]][word.by]
        return SettleOrder(
            MemberId(order.member_id) if order and word.which % 7 else self.member_id(word.which),
            order.number if order else word.which,
            word.becomes,
            "so it is",
            CHANNEL,
            word.key,
            owner,
            word.doubtful,
            self._until(word.rests),
            Told("result", "order", word.becomes, {}, "ru") if word.told else None,
        )


def otherwise(call: Call) -> Call:
    """The same key with another body."""
    match call:
        case Post():
            return replace(call, earning=replace(call.earning, amount=Amount(call.earning.amount + 1)))
        case Record():
            return replace(call, event=replace(call.event, amount=Amount(call.event.amount + 1)))
        case ChooseLanguage():
            return replace(call, language=call.language + "-latin")
        case PlaceHold() | Spend() | Adjust():
            return replace(call, amount=Amount(call.amount + 1 or 1))
        case CaptureHold() | Refund() | Reverse():
            return replace(call, amount=Amount((call.amount or 0) + 1))
        case ReleaseHold():
            return CaptureHold(call.member_id, call.hold_id, CHANNEL, call.key)
        case MakeQuote() | PlaceOrder():
            return replace(call, price=Amount(call.price + 1))
        case SettleOrder():
            return replace(call, becomes="parked" if call.becomes == "later" else "later")
        case _:
            return call


def moments(call: Call) -> list[datetime]:
    """What must lie ahead of a call when it is carried out: the service would decide anew for later."""
    match call:
        case Post():
            earnings: tuple[Earning, ...] = (call.earning,)
        case Record():
            earnings = call.decision.earnings
        case PlaceHold() | Adjust() | MakeQuote():
            return [call.expires_at] if call.expires_at else []
        case Refund():
            return [call.fresh_until] if call.fresh_until else []
        case PlaceOrder():
            return [call.due_at] if call.due_at else []
        case _:
            return []
    return [earning.expires_at for earning in earnings if earning.expires_at]

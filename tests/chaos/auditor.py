"""Judges a run: what members were told, what our books say, and what the other sides saw must be one story.

Whatever was answered is so; whatever was not answered happened once or not at all. Each rule below yields its breaches,
by member where there is one; a rule without breaches says nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.settings import Repeats
from gateway.smpp.pdu.status import Status
from tests.chaos.evidence import Books, Evidence, Row, Traffic
from tests.chaos.journal import End, Member
from tests.crash.books import LEFT, Part
from tests.crash.load import EARNS, GIFT, GIFT_EARNS

CODE_GRANTS = 500
DOUBTS_MAX = 3
"""A message that was in doubt so often is parked, for a person (decision 0010)."""
OVER = ("delivered", "refused", "expired")
BY_SMS = ("voucher", "pick_up")
"""Fulfilments of which an SMS of their own tells the result."""
FOUND_AGAIN = "its receipt came"
"""Of a message that was in doubt, and is settled by a receipt."""
REFUSALS = ("not_enough", "sold_out", "limit", "closed", "no_quote")
NO_EXCHANGE = frozenset(f"exchange:{why}" for why in REFUSALS)
USED = frozenset({"redeem:redeemed", "redeem:already_yours"})
TOLD = {
    "delivered": {"billing": "delivered", "manual": "delivered", "voucher": "voucher"},
    "ready": {"pick_up": "ready"},
}
"""By an order's state and fulfilment: what its member was told of it."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that must never be. `msisdn` is empty where it is nobody's own."""

    msisdn: str
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """One member, and his rows of the books."""

    member: Member
    member_id: int
    orders: Sequence[Row]
    inbox: Sequence[Row]
    outbox: Sequence[Row]
    code: Row

    def breach(self, words: str) -> Breach:
        """One of his."""
        return Breach(self.member.msisdn, words)

    @property
    def said(self) -> Counter[str]:
        """What his texts to 9373 were answered."""
        return Counter(row["said"] for row in self.inbox if row["short_number"] == "9373")


def audit(members: Sequence[Member], evidence: Evidence, repeats: Repeats) -> list[Breach]:
    """Every breach."""
    breaches = [Breach("", f"the ledger: {fault}") for fault in evidence.books.faults]
    cases = list(_cases(members, evidence.books))
    breaches += [Breach(one.msisdn, "is no member") for one in members if one.msisdn not in evidence.books.member_ids]
    for case in cases:
        for rule in (
            _events,
            _points,
            _orders,
            _order_by_sms,
            _told_of_orders,
            _code,
            _texts,
            _messages,
            _results,
            _consent,
        ):
            breaches += rule(case, evidence)
    for name, traffic in evidence.traffic.items():
        breaches += _deliveries(name, traffic)
        breaches += _wire(name, traffic, [row for row in evidence.books.outbox if row["smsc"] == name], cases)
    breaches += _billing(evidence, repeats)
    return breaches


def _cases(members: Sequence[Member], books: Books) -> Iterator[Case]:
    rows: dict[str, dict[int, list[Row]]] = {}
    for name in ("orders", "inbox", "outbox"):
        of_name: dict[int, list[Row]] = rows.setdefault(name, {})
        for row in getattr(books, name):
            of_name.setdefault(row["member_id"], []).append(row)
    for member in members:
        if (found := books.member_ids.get(member.msisdn)) is not None:
            own = {name: of_name.get(found, []) for name, of_name in rows.items()}
            yield Case(member, found, **own, code=books.codes[found])


def _events(case: Case, evidence: Evidence) -> Iterator[Breach]:
    """An event that was answered was taken, by one of its copies as new; all copies are answered alike."""
    for event, answers in case.member.events.items():
        outcomes = Counter(answer["outcome"] for answer in answers)
        if outcomes["accepted"] > 1 or set(outcomes) - {"accepted", "repeated"}:
            yield case.breach(f"event {event.id} was answered {dict(outcomes)}")
        if any(answer["earned"] != answers[0]["earned"] for answer in answers):
            yield case.breach(f"event {event.id} earned differently by its copies")
        if answers and event.id not in evidence.books.events:
            yield case.breach(f"event {event.id} was answered {dict(outcomes)} and is forgotten")


def _points(case: Case, evidence: Evidence) -> Iterator[Breach]:
    """What the events gave and the code, less what was delivered; held is what is ordered and not over."""
    taken = [event for event in case.member.events if event.id in evidence.books.events]
    earned = Counter[str]()
    for event in taken:
        earned.update(EARNS.get((event.type, event.amount), {}))
    if any((event.type, event.amount) == GIFT for event in taken):
        earned |= GIFT_EARNS
    if case.code["state"] == "redeemed":
        earned["points"] += CODE_GRANTS
    earned["points"] -= sum(row["price"] for row in case.orders if row["state"] == "delivered")
    held = Counter(points=sum(row["price"] for row in case.orders if row["state"] not in OVER))
    for unit in ("points", "gift_units"):
        account = evidence.books.accounts.get((case.member_id, unit), {"posted": 0, "held": 0})
        if (account["posted"], account["held"]) != (earned[unit], held[unit]):
            yield case.breach(f"{unit}: the account has {dict(account)}, and should {earned[unit]}, {held[unit]} held")


def _orders(case: Case, _: Evidence) -> Iterator[Breach]:
    """Each confirmation is at most one order, and exactly one where anybody said so. A hold stands as its
    order does."""
    ids = Counter(row["order_id"] for row in case.orders)
    told = [one.order_id for one in case.member.exchanges if one.order_id is not None]
    if lost := [order_id for order_id in told if order_id not in ids or told.count(order_id) > 1]:
        yield case.breach(f"was told of orders {lost}, of one for each exchange, and has {sorted(ids)}")
    for reward in {row["reward"] for row in case.orders} | {one.reward for one in case.member.exchanges}:
        ends = Counter(one.end for one in case.member.exchanges if one.by == "ussd" and one.reward == reward)
        made = sum(row["channel"] == "ussd" and row["reward"] == reward for row in case.orders)
        if not ends[End.DONE] <= made <= ends[End.DONE] + ends[End.OPEN]:
            yield case.breach(f"{made} orders of {reward} by USSD, where members were told {dict(ends)}")
    holds = {"delivered": "captured", "refused": "released", "expired": "released"}
    for row in case.orders:
        if row["hold"] != holds.get(row["state"], "open"):
            yield case.breach(f"order {row['order_id']} is {row['state']}, and its hold {row['hold']}")


def _order_by_sms(case: Case, _: Evidence) -> Iterator[Breach]:
    """A quote that was texted and confirmed is one order, unless the answer says why not."""
    made = sum(row["channel"] == "sms" for row in case.orders)
    confirmed = any(text.said == "1" and text.acknowledged for text in case.member.texts)
    ordered = "exchange:ordered" in case.said or "silent" in case.said
    refused = not ordered and bool(case.said.keys() & NO_EXCHANGE)
    if made != int(confirmed and not refused):
        yield case.breach(f"{made} orders by SMS, where texts were answered {dict(case.said)}")


def _told_of_orders(case: Case, _: Evidence) -> Iterator[Breach]:
    """Who got something, or got his points back, is told so, once for each order."""
    told: dict[int, list[str]] = {}
    for row in case.outbox:
        if row["reply"] == "order":
            told.setdefault(row["facts"]["order"], []).append(row["outcome"])
    for row in case.orders:
        outcome = TOLD.get(row["state"], {}).get(row["fulfilment"], "refused" if row["state"] == "refused" else None)
        expected = [outcome] if outcome else []
        if told.get(row["order_id"], []) != expected:
            yield case.breach(f"of order {row['order_id']}, {row['state']}, was told {told.get(row['order_id'], [])}")


def _code(case: Case, _: Evidence) -> Iterator[Breach]:
    """The gift code: redeemed once if anybody said so; a right code in the right hands is never refused."""
    said = [one for one in case.member.redemptions if one.end is End.DONE]
    new = sum(not one.already for one in said) + case.said["redeem:redeemed"]
    redeemed = case.code["state"] == "redeemed"
    if any(one.end is End.REFUSED for one in case.member.redemptions) or case.said["redeem:refused"]:
        yield case.breach("his own gift code was refused")
    if new > 1:
        yield case.breach(f"was told {new} times that his code gave points")
    if (said or case.said.keys() & USED) and not redeemed:
        yield case.breach(f"was told that his code was used, and it is {case.code['state']}")
    if redeemed and (not case.member.redemptions or case.code["amount"] != CODE_GRANTS):
        yield case.breach(f"his code gave {case.code['amount']}, after {len(case.member.redemptions)} tries")


def _texts(case: Case, _: Evidence) -> Iterator[Breach]:
    """Whatever was acknowledged is in the inbox and has its answer."""
    for to in {text.to for text in case.member.texts}:
        texted = [text for text in case.member.texts if text.to == to]
        if any(not text.acknowledged for text in texted):
            yield case.breach(f"a text to {to} was never acknowledged")
        taken = {bytes(row["identity"]) for row in case.inbox if row["short_number"] == to}
        if len(taken) != len(texted):
            yield case.breach(f"{len(texted)} texts to {to} were acknowledged, and {len(taken)} are in the inbox")
    silent = sum(row["message_id"] is None for row in case.inbox)
    by_sms = sum(row["channel"] == "sms" and row["fulfilment"] in BY_SMS for row in case.orders)
    if silent != by_sms:
        yield case.breach(f"{silent} texts have no answer, where {by_sms} orders speak for themselves")


def _messages(case: Case, _: Evidence) -> Iterator[Breach]:
    """Whatever was to be said was said, but for what was in doubt too often, and results that were seen."""
    for row in case.outbox:
        match row["state"]:
            case "delivered" if row["parts"] == len(row["ids"]) or (row["doubts"] and row["reason"] == FOUND_AGAIN):
                continue
            case "withdrawn" if row["of_session"] and not row["ids"]:
                continue
            case "parked" if row["doubts"] >= DOUBTS_MAX:
                continue
        yield case.breach(f"message {_shown(row)}")


def _heard(case: Case, evidence: Evidence) -> Iterator[Breach]:
    """What counts as delivered is on the phone: it shows a text that names the order."""
    sender = case.member.msisdn[1:]
    texts = [
        (name, text["text"]) for name, one in evidence.traffic.items() for text in one.texts if text["msisdn"] == sender
    ]
    for row in case.outbox:
        if row["state"] == "delivered" and "order" in row["facts"]:
            named = re.compile(rf"аказ {row['facts']['order']}\b")
            if not any(name == row["smsc"] and named.search(text) for name, text in texts):
                yield case.breach(f"the phone never showed message {_shown(row)}")


def _results(case: Case, _: Evidence) -> Iterator[Breach]:
    """What became of points in a session is one message; it is withdrawn only where somebody learned it there."""
    rows = [row for row in case.outbox if row["of_session"]]
    orders = [row["order_id"] for row in case.orders if row["channel"] == "ussd" and row["fulfilment"] not in BY_SMS]
    told = [row["facts"]["order"] for row in rows if row["reply"] == "exchange"]
    if sorted(told) != sorted(orders):
        yield case.breach(f"orders {orders} by USSD, and messages about {told}")
    codes = [row for row in rows if row["reply"] == "redeem"]
    if len(codes) != int(case.code["channel"] == "ussd"):
        yield case.breach(f"{len(codes)} messages about a code that was redeemed by {case.code['channel']}")
    learned: set[int | None] = {one.order_id for one in case.member.exchanges if one.learned}
    for row in rows:
        if row["state"] != "withdrawn":
            continue
        if row["reply"] == "exchange" and row["facts"]["order"] not in learned:
            yield case.breach(f"never learned that order {row['facts']['order']} was made: {_shown(row)}")
        if row["reply"] == "redeem" and not any(one.learned for one in case.member.redemptions):
            yield case.breach(f"never learned what his code gave: {_shown(row)}")


def _consent(case: Case, evidence: Evidence) -> Iterator[Breach]:
    """The last word counts. Where the SMSC sent anything of it twice, nobody knows which came last."""
    words = [text.said for text in case.member.texts if text.said.startswith(("Стоп", "Старт"))]
    sender = case.member.msisdn[1:]
    tries = [row["tries"] for row in evidence.traffic[case.member.smsc].deliveries if row["source"] == sender]
    if not words or max(tries) > 1:
        return
    if evidence.books.consents.get(case.member_id) is not words[-1].startswith("Старт"):
        yield case.breach(f"last texted {words[-1][:5]}, and the books have the opposite")


RULES = (
    _events,
    _points,
    _orders,
    _order_by_sms,
    _told_of_orders,
    _code,
    _texts,
    _messages,
    _heard,
    _results,
    _consent,
)
"""Of each member."""


def _deliveries(name: str, traffic: Traffic) -> Iterator[Breach]:
    """The SMSC got rid of everything, and was answered nothing that means never."""
    fates = Counter(row["fate"] for row in traffic.deliveries)
    if fates.keys() - {"acknowledged"}:
        yield Breach("", f"{name} still has, or gave up, deliveries: {dict(fates)}")
    statuses = Counter(answer.status for answer in traffic.wire.answers)
    if strange := statuses.keys() - {None, LEFT, Status.ROK, Status.RX_T_APPN}:
        yield Breach("", f"{name} was answered {strange}")


def _wire(name: str, traffic: Traffic, rows: Sequence[Row], cases: Sequence[Case]) -> Iterator[Breach]:
    """What our books say was taken, was; whatever else is on the wire, doubts explain."""
    owners = {smsc_id: row for row in rows for smsc_id in row["ids"]}
    taken = {smsc_id for copies in traffic.wire.copies.values() for smsc_id in copies}
    for smsc_id in owners.keys() - taken:
        yield Breach("", f"{name} never took {smsc_id}, which our books have: {_shown(owners[smsc_id])}")
    numbers = {case.member.msisdn[1:]: case for case in cases}
    for part, copies in traffic.wire.copies.items():
        if (case := numbers.get(part[0])) is None:
            yield Breach("", f"{name} has a message for nobody we know")
            continue
        known = {smsc_id: owners[smsc_id] for smsc_id in copies if smsc_id in owners}
        if len(copies) - len(known) > sum(row["doubts"] for row in _may_own(part, list(known.values()), case)):
            yield case.breach(f"{name} has {len(copies)} copies of a part, ids {copies}; our books know {list(known)}")


def _may_own(part: Part, known: Sequence[Row], case: Case) -> list[Row]:
    """Whose copy a part may be: of a message that is known to have it, or of one whose parts are not all known."""
    unknown = [
        row
        for row in case.outbox
        if row["short_number"] == part[1] and row["doubts"] and len(row["ids"]) < (row["parts"] or 1)
    ]
    return list({row["message_id"]: row for row in (*known, *unknown)}.values())


def _billing(evidence: Evidence, repeats: Repeats) -> Iterator[Breach]:
    """Delivered there once and captured here, or neither; what nobody can know is parked, and only where nobody can."""
    numbers = {member_id: msisdn for msisdn, member_id in evidence.books.member_ids.items()}
    known = {row["reference"] for row in evidence.books.orders}
    yield from (Breach("", f"the billing has {name}, which is no order") for name in evidence.billing.keys() - known)
    for row in evidence.books.orders:
        delivered = evidence.billing.get(row["reference"], {"delivered": 0})["delivered"]
        stands = f"order {row['order_id']} ({row['fulfilment']}) is {row['state']}, delivered {delivered} times"
        if row["fulfilment"] != "billing":
            right = delivered == 0 and row["state"] not in {"placed", "calling", "parked"}
        elif row["state"] == "parked":
            right = delivered <= 1 and repeats is Repeats.NEVER
        else:
            right = row["state"] in {"delivered", "refused"} and delivered == int(row["state"] == "delivered")
        if not right:
            yield Breach(numbers.get(row["member_id"], ""), stands)


def _shown(row: Row) -> str:
    facts: Mapping[str, object] = row["facts"]
    about = f" of order {facts['order']}" if "order" in facts else ""
    return (
        f"{row['message_id']}, {row['kind']} {row['reply']}.{row['outcome']}{about}: {row['state']} {row['reason']}, "
        f"{row['doubts']} doubts, ids {list(row['ids'])} of {row['parts']} parts"
    )

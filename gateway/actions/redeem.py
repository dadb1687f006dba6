"""Redeem a gift code: as it was dialled, typed or texted.

Whether it is right, whose it is and what is wrong with it, is decided under the member's lock; here is only what each
answer is called. `refused` has no facts, whatever the cause: a text cannot give away what it does not know.
"""

from gateway.actions.balance import LONGEST_AMOUNT, LONGEST_DATE
from gateway.actions.exchange import DELIVERED, LONGEST_ORDER, READY
from gateway.actions.rewards import longest_reward
from gateway.actions.verb import Call, Intent
from gateway.loyalty.codes import number_range
from gateway.loyalty.ports import Member, Result, Status
from gateway.loyalty.programme import AMOUNT_MAX, Programme
from gateway.loyalty.rules import expires
from gateway.loyalty.writes import RedeemCode, Told
from gateway.outcome import ActionSpec, Fact, Outcome

ANSWERS = {
    Result.REDEEMED: "redeemed",
    Result.ORDERED: "reward",
    Result.DELIVERED: "voucher",
    Result.READY: "pick_up",
    Result.ALREADY_YOURS: "already_yours",
    Result.REFUSED: "refused",
    Result.LOCKED: "locked",
    Result.PAUSED: "paused",
    Result.CLOSED: "closed",
    Result.SOLD_OUT: "sold_out",
    Result.BLOCKED: "blocked",
}


def declare(programme: Programme) -> ActionSpec:
    """`redeemed` with `unit`, `amount` and the new `balance`; for a code that grants a reward `reward` (it is being
    delivered), `voucher` and `pick_up` (an SMS is under way), each with `reward` and `order`; or why not. `locked` says
    until which day, or null: until care unlocks. The argument `gift_code` is digits."""
    unit = max(programme.units, key=lambda code: programme.units[code].name_length_max)
    order: dict[str, Fact] = {"reward": longest_reward(programme), "order": LONGEST_ORDER}
    outcomes: dict[str, dict[str, Fact]] = {name: {} for name in ANSWERS.values()}
    outcomes |= {"redeemed": {"unit": unit, "amount": AMOUNT_MAX, "balance": LONGEST_AMOUNT}}
    outcomes |= dict.fromkeys(("reward", "voucher", "pick_up"), order)
    outcomes |= {"locked": {"until": LONGEST_DATE}}
    return ActionSpec("redeem", outcomes, arguments={"gift_code": ()}, moves_points=True)


async def run(call: Call) -> Outcome | Intent:
    """Try the code, once per key."""
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    programme = call.loyalty.programme
    if programme.codes is None:
        return Outcome("closed", language=member.language)
    lots_end = {
        code: None if unit.expires is None else expires(unit.expires, call.at, programme.zone)
        for code, unit in programme.units.items()
    }
    write = RedeemCode(
        member_id=member.member_id,
        gift_code=call.arguments["gift_code"],
        number_range=number_range(call.msisdn),
        channel=call.channel,
        key=call.key,
        limits=programme.codes.limits(),
        time_zone=programme.time_zone,
        expires_at=lots_end,
        told=_told(member),
    )
    answers = {result: Outcome(name, language=member.language) for result, name in ANSWERS.items()}
    return Intent(write, answers, frozenset({Result.DELIVERED, Result.READY}))


def _told(member: Member) -> dict[str, Told]:
    """What an order tells by itself. Which reward it is of the store adds: only it knows what the code grants."""
    return {
        DELIVERED: Told("voucher", "order", "voucher", {}, member.language),
        READY: Told("voucher", "order", "ready", {}, member.language, ("handover",)),
    }

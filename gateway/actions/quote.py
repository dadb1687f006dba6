"""Say what a reward costs this member, and keep it: a confirmation is bound to this quote, and to no other."""

from datetime import datetime, timedelta

from gateway.actions.balance import LONGEST_AMOUNT
from gateway.actions.rewards import longest_reward
from gateway.actions.verb import Call, Intent
from gateway.ids import Amount, Unit
from gateway.loyalty.ports import Member, Result, Status
from gateway.loyalty.programme import PRICE_MAX, Programme, Reward
from gateway.loyalty.writes import MakeQuote
from gateway.outcome import ActionSpec, Fact, Outcome

LONGEST_QUOTE = "x" * 40


def declare(programme: Programme) -> ActionSpec:
    """`quote`: `reward`, `price`, `unit`, `balance` after it, and the `quote` to confirm; or why there is none. The
    argument `reward` is a number of the catalogue, or a reward's code."""
    unit = max(programme.units, key=lambda code: programme.units[code].name_length_max)
    asked: dict[str, Fact] = {"reward": longest_reward(programme), "price": PRICE_MAX, "unit": unit}
    return ActionSpec(
        "quote",
        {
            "quote": asked | {"balance": LONGEST_AMOUNT, "quote": LONGEST_QUOTE},
            "not_enough": asked | {"missing": PRICE_MAX},
            "sold_out": asked,
            "limit": asked,
            "closed": asked,
            "unknown": {},
            "blocked": {},
        },
        arguments={"reward": ()},
    )


async def run(call: Call) -> Outcome | Intent:
    """The same looks, in the same order, that the exchange takes under the member's lock."""
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    programme = call.loyalty.programme
    reward = programme.reward(call.arguments["reward"])
    if reward is None or not reward.runs_at(call.at):
        return Outcome("unknown", language=member.language)
    facts: dict[str, Fact] = {"reward": reward.reward, "price": reward.price, "unit": reward.unit}
    balance = available(member, reward)
    if refused := await _refused(call, member, reward):
        return Outcome(refused, facts, member.language)
    if balance < reward.price:
        return Outcome("not_enough", facts | {"missing": reward.price - balance}, member.language)
    write = MakeQuote(
        member.member_id,
        reward.reward,
        Unit(reward.unit),
        Amount(reward.price),
        call.short_number,
        call.key,
        call.at + timedelta(minutes=programme.quote_minutes),
    )
    facts |= {"balance": balance - reward.price, "quote": call.key}
    return Intent(write, {Result.QUOTED: Outcome("quote", facts, member.language)})


async def _refused(call: Call, member: Member, reward: Reward) -> str | None:
    since = limit_since(reward, call.at)
    [seen] = await call.loyalty.ledger.rewards(member.member_id, [(reward.reward, since)])
    if seen.closed:
        return "closed"
    if reward.per_member is not None and seen.had >= reward.per_member.count:
        return "limit"
    return "sold_out" if seen.sold_out(reward) else None


def limit_since(reward: Reward, at: datetime) -> datetime | None:
    """From when on a member's orders of a reward are counted."""
    return None if reward.per_member is None else at - timedelta(days=reward.per_member.days)


def available(member: Member, reward: Reward) -> int:
    """What the member can spend of the unit that a reward costs."""
    return next((one.available for one in member.balances if one.unit == reward.unit), 0)

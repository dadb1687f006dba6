"""Show what points can be exchanged for."""

from gateway.actions.verb import Call
from gateway.loyalty.ports import Status
from gateway.loyalty.programme import PRICE_MAX, Programme, Reward
from gateway.outcome import ActionSpec, Outcome

ALL = "all"
"""In place of a category: the whole catalogue."""

Row = dict[str, str | int | bool | None]


def declare(programme: Programme) -> ActionSpec:
    """`rewards`: those of the argument `category` (`all`: every one) that can be exchanged now, in the pack's order,
    each with `reward`, `number`, `price`, `unit`; or `empty`."""
    row: Row = {
        "reward": longest_reward(programme),
        "number": max((one.number for one in programme.rewards), default=0),
        "price": PRICE_MAX,
        "unit": max(programme.units, key=lambda code: programme.units[code].name_length_max),
    }
    rows = [row] * len(programme.rewards)
    return ActionSpec("rewards", {"rewards": {"rewards": rows}, "empty": {}, "blocked": {}}, arguments={"category": ()})


def longest_reward(programme: Programme) -> str:
    """The reward whose name is the longest in any language."""
    names = {one.reward: max(map(len, one.label.values())) for one in programme.rewards}
    return max(names, key=lambda code: names[code], default="")


async def run(call: Call) -> Outcome:
    """The shelf at the call's time."""
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    wanted = call.arguments["category"]
    shelf = tuple(one for one in call.loyalty.programme.rewards if wanted in (ALL, one.category))
    rows = [_row(one) for one in await call.loyalty.on_offer(member.member_id, shelf, call.at)]
    if not rows:
        return Outcome("empty", language=member.language)
    return Outcome("rewards", {"rewards": rows}, member.language)


def _row(reward: Reward) -> Row:
    return {"reward": reward.reward, "number": reward.number, "price": reward.price, "unit": reward.unit}

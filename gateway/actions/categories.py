"""Show the shelves of the catalogue."""

from gateway.actions.verb import Call
from gateway.loyalty.ports import Status
from gateway.loyalty.programme import CATEGORIES_MAX, Programme
from gateway.outcome import ActionSpec, Outcome


def declare(programme: Programme) -> ActionSpec:
    """`categories`: those with something in them now, in the pack's order, each with its `category`; or `empty`."""
    longest = max((one.category for one in programme.categories), key=len, default="")
    rows: list[dict[str, str | int | bool | None]] = [{"category": longest}] * len(programme.categories)
    return ActionSpec("categories", {"categories": {"categories": rows[:CATEGORIES_MAX]}, "empty": {}, "blocked": {}})


async def run(call: Call) -> Outcome:
    """The categories whose rewards can be exchanged at the call's time."""
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    programme = call.loyalty.programme
    shelves = {reward.category for reward in await call.loyalty.on_offer(member.member_id, programme.rewards, call.at)}
    rows: list[dict[str, str | int | bool | None]] = [
        {"category": one.category} for one in programme.categories if one.category in shelves
    ]
    return (
        Outcome("categories", {"categories": rows}, member.language) if rows else Outcome("empty", {}, member.language)
    )

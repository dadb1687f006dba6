"""Show the latest movements."""

from gateway.actions.verb import Call
from gateway.loyalty.ports import Status
from gateway.loyalty.programme import AMOUNT_MAX, Programme
from gateway.outcome import ActionSpec, Outcome

MOVEMENTS_MAX = 5


def declare(programme: Programme) -> ActionSpec:
    """`history`: `movements`, newest first, each with `on`, `amount` (signed), `unit` and `reason`; or `empty`."""
    reason = max(programme.labels, key=lambda code: max(map(len, programme.labels[code].values())), default="")
    unit = max(programme.units, key=lambda code: programme.units[code].name_length_max)
    movement: dict[str, str | int | bool | None] = {
        "on": "2028-12-31",
        "amount": -AMOUNT_MAX,
        "unit": unit,
        "reason": reason,
    }
    return ActionSpec("history", {"history": {"movements": [movement] * MOVEMENTS_MAX}, "empty": {}, "blocked": {}})


async def run(call: Call) -> Outcome:
    """The member's last five movements, by the programme's calendar."""
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    movements = await call.loyalty.ledger.statement(member.member_id, MOVEMENTS_MAX)
    if not movements:
        return Outcome("empty", language=member.language)
    zone = call.loyalty.programme.zone
    return Outcome(
        "history",
        {
            "movements": [
                {
                    "on": movement.at.astimezone(zone).date().isoformat(),
                    "amount": movement.amount,
                    "unit": movement.unit,
                    "reason": movement.reason,
                }
                for movement in movements
            ]
        },
        member.language,
    )

"""Show what can be spent, and what of it expires next."""

from datetime import timedelta

from gateway.actions.verb import Call
from gateway.loyalty.ports import Status
from gateway.loyalty.programme import Programme
from gateway.outcome import ActionSpec, Fact, Outcome

LONGEST_AMOUNT = 99_999_999_999
"""Eleven digits, with which screens are measured: a posting has at most ten (`AMOUNT_MAX`), a balance is a sum of
postings. Nothing but a bigint bounds that sum; one above a thousand million roubles would be paged, never cut."""
LONGEST_DATE = "2028-12-31"


def declare(programme: Programme) -> ActionSpec:
    """`balance`: for each unit U of the pack the facts `U`, `U_expiring` and `U_expires_on` (the last day, or null)."""
    facts: dict[str, Fact] = {}
    for unit in programme.units:
        facts |= {unit: LONGEST_AMOUNT, f"{unit}_expiring": LONGEST_AMOUNT, f"{unit}_expires_on": LONGEST_DATE}
    return ActionSpec("balance", {"balance": facts, "blocked": {}})


async def run(call: Call) -> Outcome:
    """The member's balances at the call's time."""
    member = await call.member()
    if member.status is Status.BLOCKED:
        return Outcome("blocked", language=member.language)
    facts: dict[str, Fact] = {}
    for unit in call.loyalty.programme.units:
        facts |= {unit: 0, f"{unit}_expiring": 0, f"{unit}_expires_on": None}
    for balance in member.balances:
        facts |= {balance.unit: balance.available, f"{balance.unit}_expiring": balance.expiring}
        if balance.expires_at is not None:
            # `expires_at` is exclusive; people are told the last day on which the points are there.
            last_moment = balance.expires_at.astimezone(call.loyalty.programme.zone) - timedelta(microseconds=1)
            facts[f"{balance.unit}_expires_on"] = last_moment.date().isoformat()
    return Outcome("balance", facts, member.language)

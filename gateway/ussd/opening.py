"""How a session begins: what was dialled, and who dials.

Decides which words of a hop are arguments, and what the menu learns of its subscriber before the first screen: as much
as its conditions ask, once, for the whole session. Refuses to know what was dropped before.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import UnknownPushError
from gateway.loyalty.ports import Member
from gateway.loyalty.service import Loyalty
from gateway.menu import engine, who
from gateway.menu.condition import Facts
from gateway.menu.engine import Step
from gateway.menu.model import DIALLED_MAX, Menu
from gateway.ussd.message import HopIdentity, Kind, Profile, UssdRequest


@dataclass(frozen=True, slots=True)
class Caller:
    """Who dials, as far as the menu asks; `member` where that could be known of a member only. `language` is what is
    shown before a call says better."""

    facts: Facts
    member: Member | None
    language: str | None


async def caller(loyalty: Loyalty, menu: Menu, request: UssdRequest, at: datetime) -> Caller:
    """Who dials. A member is read, and enrolled if need be, only for a menu that asks. Raises what the store raises."""
    if not menu.asks_who:
        return Caller(who.NOBODY, None, request.language or None)
    msisdn = request.msisdn
    member = await loyalty.recognise(msisdn, at, request.language) if menu.asks_member else None
    segments, tier = (member.segments, member.tier) if member is not None else ((), None)
    language = member.language if member is not None else request.language or None
    return Caller(who.known(menu.asks_who, menu.pilots, msisdn, segments, tier), member, language)


def begun(menu: Menu, profile: Profile, request: UssdRequest, dials: Caller) -> Step:
    """The first step of a session, whoever opened it. Raises `UnknownPushError`."""
    if request.kind is not Kind.PUSHED:
        dialled = _dialled(request, profile)
        return engine.begin(menu, profile, dials.language, dialled, request.service_code, dials.facts)
    if request.text not in menu.pushes:
        raise UnknownPushError(f"this version of the menu has no push {request.text!r}")
    return engine.push(menu, profile, request.language, request.text, dials.facts)


def inputs(request: UssdRequest) -> tuple[str, ...]:
    """What was said beside the service code, apart."""
    said = request.arguments if request.kind is Kind.EITHER else request.text
    return tuple(part for part in said.split("*") if part)


def _dialled(request: UssdRequest, profile: Profile) -> tuple[str, ...]:
    """The arguments that a new session was dialled with. A history that comes with an unknown session is one that
    was lost, or a dial whose arguments came as text: the same walk serves both."""
    if request.kind is Kind.INPUT and profile.hop_identity is not HopIdentity.HISTORY:
        return ()
    said = inputs(request)
    # A walk that stopped in the middle would end on a screen that nobody asked for: better none.
    return said if len(said) <= DIALLED_MAX else ()

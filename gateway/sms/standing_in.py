"""Which SMSC stands in for which at this moment: failover between operators' accounts (decision 0018).

Decides when: once no link of an SMSC has been bound here for as long as the link says that stands in for it, which was
bound itself all that time. So a network that was cut, or a store that was away, moves nothing: whoever comes back first
waits for the other. Refuses to know what is then taken over, which is the store's matter, and which link has room.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gateway.sms.outgoing import LinkFacts


class Bindable(Protocol):
    """What there is to know of a link that sends."""

    @property
    def settings(self) -> LinkFacts:
        """Where it leads, and for whom it stands in."""
        ...

    @property
    def is_bound(self) -> bool:
        """Whether its SMSC is there for us."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """That `by` begins to stand in for an SMSC, or need not any more."""

    smsc: str
    by: str
    begins: bool


class StandIns:
    """The links of one process. Time is seconds on a clock that only goes forward."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._links: list[Bindable] = []
        self._bound_at: dict[str, float] = {}
        """When each SMSC was last seen to be there."""
        self._bound_since: dict[str, float] = {}
        """Since when each link, by its name, has been seen to be bound; those that are."""
        self._standing: set[tuple[str, str]] = set()

    def add(self, link: Bindable) -> None:
        """A link that sends."""
        self._links.append(link)
        self._bound_at.setdefault(link.settings.smsc, self._now())

    def look(self) -> tuple[Change, ...]:
        """See who is there; what has changed by that."""
        now = self._now()
        bound = [link.settings for link in self._links if link.is_bound]
        self._bound_at |= {settings.smsc: now for settings in bound}
        self._bound_since = {each.shown: self._bound_since.get(each.shown, now) for each in bound}
        standing = {(each.stands_in_for, each.smsc) for each in bound if each.stands_in_for and self._due(each, now)}
        changed = standing ^ self._standing
        self._standing = standing
        return tuple(Change(smsc, by, (smsc, by) in standing) for smsc, by in sorted(changed))

    def served_by(self, settings: LinkFacts) -> tuple[str, ...]:
        """The SMSCs whose messages a link may take, its own first."""
        absent = settings.stands_in_for
        return (settings.smsc, absent) if (absent, settings.smsc) in self._standing else (settings.smsc,)

    def _due(self, settings: LinkFacts, now: float) -> bool:
        """Whether a link that is bound has seen the other SMSC away for long enough."""
        since = max(self._bound_at.get(settings.stands_in_for, now), self._bound_since[settings.shown])
        return now - since >= settings.stands_in_after_s

"""What is asked for: how many sessions and texts a second, for how long, and how long subscribers think.

It decides at which moment each start is due, and what cannot be asked for. Starts are evenly spaced: a plan is the same
each time it is played. It knows no clock: moments are seconds from the beginning.
"""

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.errors import PhraseError, SimulatorError
from simulator.load.story import Stories, Story

RATE_MAX = 5_000.0  # a second; one process of ours cannot check more
PHONES_MAX = 50_000
PHONES_MIN = 200
THINK_MAX_S = 600.0
ROOM = 2.0
"""How many times as many phones as are busy at once, if every reply came at once: replies do take time."""
ANSWERS_SHARE = 0.5
"""How much of what a gateway answers to one phone may be used on the average: some phones text more than others."""


class PlanError(SimulatorError):
    """What was asked for cannot be done. Its text says what can."""


@dataclass(frozen=True, slots=True)
class Think:
    """How long a subscriber looks at a reply before the next deed: evenly between two times, in seconds."""

    least_s: float
    most_s: float

    @property
    def mean_s(self) -> float:
        return (self.least_s + self.most_s) / 2


@dataclass(frozen=True, slots=True)
class Plan:
    """A load. Rates are starts a second: of sessions, and of texts. The climb comes first, then the full rate.

    `from_rate` is where sessions begin; texts climb in the same proportion.
    """

    rate: float
    texts: float
    for_s: float
    think: Think
    phones: int
    seed: int
    ramp_s: float = 0.0
    from_rate: float = 0.0
    wrong_max: int = 100

    @property
    def duration_s(self) -> float:
        """Within which starts are due; what has started by then is played to its end."""
        return self.ramp_s + self.for_s

    @property
    def _from_share(self) -> float:
        return self.from_rate / self.rate if self.rate else 0.0

    def share_at(self, at_s: float) -> float:
        """How much of the full rate is asked for at a moment; 1 is all of it, and none is after the end."""
        if not 0 <= at_s < self.duration_s:
            return 0.0
        if at_s >= self.ramp_s:
            return 1.0
        return self._from_share + (1 - self._from_share) * at_s / self.ramp_s

    def starts(self, rate: float) -> Iterator[float]:
        """When each start is due, in order; the first at once. `rate` is the full one."""
        if not rate:
            return
        for number in itertools.count():
            at_s = self._due(number / rate)
            if at_s >= self.duration_s:
                return
            yield at_s

    def _due(self, full_s: float) -> float:
        """When as much has been asked for as the full rate asks for in `full_s` seconds.

        On the climb from the share f to 1 within T, f·t + (1 - f)·t²/2T has been asked for by t: this solves it for t.
        """
        climbed_s = self.ramp_s * (1 + self._from_share) / 2
        if full_s >= climbed_s:
            return self.ramp_s + full_s - climbed_s
        if not full_s:
            return 0.0
        slope = (1 - self._from_share) / self.ramp_s
        return 2 * full_s / (self._from_share + math.sqrt(max(self._from_share**2 + 2 * slope * full_s, 0.0)))


def think_of(written: str) -> Think:
    """`0.5..2` or `1`, in seconds."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,3})?)(?:\.\.(\d{1,3}(?:\.\d{1,3})?))?", written.strip())
    if found is None:
        raise PhraseError(f"cannot read the time to think {written!r}: write it in seconds, as 0.5..2 or 1")
    think = Think(float(found[1]), float(found[2] or found[1]))
    if not think.least_s <= think.most_s <= THINK_MAX_S:
        raise PhraseError(f"a time to think goes from less to more, {THINK_MAX_S:.0f} seconds at most: not {written}")
    return think


def checked(plan: Plan, stories: Stories) -> Plan:
    """The plan, if it can be played. Raises `PlanError` with what can.

    `phones` of 0 stands for as many as it takes.
    """
    if not 0 <= plan.rate <= RATE_MAX or not 0 <= plan.texts <= RATE_MAX or not 0 <= plan.from_rate <= RATE_MAX:
        raise PlanError(f"rates are from 0 to {RATE_MAX:.0f} a second")
    if not plan.rate and not plan.texts:
        raise PlanError("nothing is asked for: say how many sessions a second, --rate 20, or texts, --texts 5")
    if plan.from_rate and not plan.ramp_s:
        raise PlanError(f"how long shall it climb from {plan.from_rate:g} to {plan.rate:g} a second? --ramp 1m")
    if not plan.duration_s:
        raise PlanError("no time to do it in: say --for 5m")
    if (plan.rate and not stories.dials) or (plan.texts and not stories.texts):
        raise PlanError(f"{stories.file} has no story for this: of dials for --rate, of texts for --texts")
    return _with_phones(plan, stories)


def _with_phones(plan: Plan, stories: Stories) -> Plan:
    """With as many phones as it takes, or with those that were asked for if they can do it."""
    busy = math.ceil(
        plan.rate * _mean_s(stories.dials, plan.think) + plan.texts * _mean_s(stories.texts, plan.think)
    )  # Little's law
    answered = _for_answers(plan, stories)
    if not plan.phones:
        phones = max(PHONES_MIN, math.ceil(ROOM * busy), answered)
        return _within_max(plan, math.ceil(phones / 100) * 100)
    if plan.phones < busy:
        raise PlanError(
            f"{plan.phones} phones are too few: {busy} are in use at once even when every reply comes at once. "
            f"Take --phones {math.ceil(ROOM * busy)}, a lower rate, or a shorter --think"
        )
    if plan.phones < answered:
        raise PlanError(
            f"{plan.phones} phones are too few: the gateway answers {stories.answers.count} texts of one phone within "
            f"{stories.answers.within_s} s and is silent then ({stories.file}). Take --phones {answered}"
        )
    return _within_max(plan, plan.phones)


def _within_max(plan: Plan, phones: int) -> Plan:
    if phones > PHONES_MAX:
        raise PlanError(f"this takes {phones} phones, and there are {PHONES_MAX}: ask for a lower rate")
    return replace(plan, phones=phones)


def _mean_s(stories: tuple[Story, ...], think: Think) -> float:
    """How long a story takes on the average, when every reply comes at once."""
    shares = sum(story.share for story in stories)
    return sum(story.share * story.pauses * think.mean_s + story.share * story.silence_s for story in stories) / (
        shares or 1
    )


def _for_answers(plan: Plan, stories: Stories) -> int:
    """How many phones it takes so that none texts more than the gateway answers."""
    shares = sum(story.share for story in stories.texts)
    each = sum(story.share * story.texts for story in stories.texts) / (shares or 1)
    within_s = min(plan.duration_s, stories.answers.within_s)
    return math.ceil(plan.texts * each * within_s / (stories.answers.count * ANSWERS_SHARE))

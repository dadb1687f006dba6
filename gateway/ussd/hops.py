"""What every edge of USSD does with a hop once it is read, whether it came over HTTP or over SMPP.

Decides that nothing but a `GatewayError` comes out of the conversation, what is said when it fails, and what a log and
the metrics are told.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import ProgrammeClock
from gateway.errors import DeadlineMissedError, GatewayError, UnexpectedError
from gateway.log_events import LogEvent
from gateway.msisdn import masked
from gateway.observability import logging
from gateway.observability.metrics import Metrics
from gateway.ussd.answered import Answered, How
from gateway.ussd.conversation import Conversation
from gateway.ussd.message import Profile, UssdRequest
from gateway.ussd.recent import RecentSessions
from gateway.ussd.visits import Visit


@dataclass(frozen=True, slots=True)
class Hops:
    """The conversation, and who is told of it."""

    conversation: Conversation
    clock: ProgrammeClock
    metrics: Metrics
    recent: RecentSessions | None = None
    """Of a demo."""
    count: Callable[[Visit], None] = lambda _: None
    """Hears what subscribers do on screens."""

    async def converse(self, dialect: str, request: UssdRequest, profile: Profile) -> Answered:
        """The conversation's answer. Raises nothing but `GatewayError`."""
        try:
            at = await self.clock.at()
            if self.recent is not None:
                self.recent.note(dialect, request)
            return await self.conversation.hop(dialect, request, profile, at)
        except GatewayError:
            raise
        except Exception as error:
            logging.error(LogEvent.UNEXPECTED, error)
            raise UnexpectedError(type(error).__name__) from error

    async def in_time(self, dialect: str, request: UssdRequest, profile: Profile) -> Answered:
        """The conversation's answer within the profile's time, or an apology."""
        try:
            async with asyncio.timeout(profile.answer_s):
                return await self.converse(dialect, request, profile)
        except GatewayError as error:
            return self.apology(error)
        except TimeoutError:
            return self.late(profile)

    def apology(self, failure: GatewayError) -> Answered:
        """What the subscriber reads when the conversation failed."""
        return Answered(self.conversation.apology(), How.BUSY, failure=failure)

    def late(self, profile: Profile) -> Answered:
        """What the subscriber reads when there was no answer in time."""
        return self.apology(DeadlineMissedError(f"no answer within {profile.answer_s} s"))

    def tell(self, dialect: str, request: UssdRequest, answered: Answered, seconds: float) -> None:
        """One line a hop, and its metrics."""
        outcome = answered.failure.code if answered.failure else answered.how.value
        self.metrics.hop(dialect, outcome, seconds)
        for call in answered.calls:
            self.metrics.call(call)
        if answered.visit is not None:
            self.count(answered.visit)
        tell = logging.warning if answered.failure else logging.info
        tell(
            LogEvent.SESSION_CLOSED if answered.how is How.CLOSED else LogEvent.HOP,
            dialect=dialect,
            msisdn=masked(request.msisdn),
            session=answered.uid or "",
            outcome=outcome,
            screen=answered.screen,
            calls=answered.calls,
            ends=answered.reply.ends,
            ms=round(seconds * 1000, 2),
            note=str(answered.failure or request.note),
        )

    def refused(self, dialect: str, code: str, detail: str) -> None:
        """What came was no hop."""
        self.metrics.hop(dialect, code, 0.0)
        logging.warning(LogEvent.HOP_REFUSED, dialect=dialect, outcome=code, detail=detail)

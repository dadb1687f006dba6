"""Messages that wait whether a screen was seen: written with the effect, withdrawn or let go by what is heard."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from gateway.actions.verb import Intent
from gateway.batching import Coalescer, Fly, Limits
from gateway.ids import MemberId, SessionUid
from gateway.loyalty.ports import MOVED, Written
from gateway.outcome import Outcome
from gateway.sms.kinds import RESULT
from gateway.store.items import message
from gateway.store.ledger import Ledger, written
from gateway.store.statements import RESULTS_SEEN, RESULTS_UNSEEN
from gateway.store.tracks import Target, Track, TrackEvent

REST = timedelta(seconds=90)
"""How long such a message waits (machine time): a network ends a session that nobody answers after a minute or so."""


class Results:
    """Implements `ussd.results.ResultsPort`."""

    def __init__(self, ledger: Ledger, target: Target, notice: TrackEvent, rest: timedelta = REST) -> None:
        self._ledger = ledger
        self._rest = rest
        self._tracks = (Track(target, notice), Track(target, notice))
        self._seen = Coalescer("seen", [_line(self._tracks[0], RESULTS_SEEN)], Limits())
        self._unseen = Coalescer("unseen", [_line(self._tracks[1], RESULTS_UNSEEN)], Limits())

    async def close(self) -> None:
        """Let what flies land, then close the connections."""
        for batch in (self._seen, self._unseen):
            await batch.drain()
        for track in self._tracks:
            await track.close()

    async def commit(self, intent: Intent, reply: str, session: SessionUid, at: datetime) -> Written:
        """See `ResultsPort.commit`. Without a number of ours to send from, the write alone."""
        sender = self._ledger.items.sender
        if sender is None:
            return await self._ledger.write(intent.write, at)
        pack_version_id = await self._ledger.open(at)
        effect = self._ledger.items.of(intent.write, at, pack_version_id)
        replies = {
            result.value: {
                "reply": reply, "outcome": outcome.name, "facts": dict(outcome.facts), "language": outcome.language,
            }
            for result, outcome in intent.answers.items()
            if result in MOVED and result not in intent.by_sms
        }  # fmt: skip
        waits = {"session": session, "rest_until": (datetime.now(UTC) + self._rest).isoformat()}
        item = {
            "primitive": "take_dial",
            "member_id": intent.write.member_id,
            "effect": effect,
            "replies": replies,
            "smsc": sender.smsc,
            "short_number": sender.short_number,
            "at": at.isoformat(),
            "message": message(RESULT.name, at, pack_version_id) | waits,
        }
        if "shared" in effect:
            item["shared"] = effect["shared"]
        return written(await self._ledger.carry_out(item))

    @property
    def tells(self) -> bool:
        """See `ResultsPort.tells`."""
        return self._ledger.items.sender is not None

    async def tell(self, member_id: MemberId, reply: str, outcome: Outcome, session: SessionUid, at: datetime) -> None:
        """See `ResultsPort.tell`."""
        sender = self._ledger.items.sender
        assert sender is not None, "whoever promises a message has seen that there is a number to send it from"
        message_ = message(RESULT.name, at, await self._ledger.open(at)) | {"session": session}
        said = {"outcome": outcome.name, "facts": dict(outcome.facts), "language": outcome.language}
        item = {
            "primitive": "tell_result",
            "member_id": member_id,
            "reply": {"reply": reply} | said,
            "smsc": sender.smsc,
            "short_number": sender.short_number,
            "at": at.isoformat(),
            "message": message_,
        }
        await self._ledger.carry_out(item)

    async def seen(self, session: SessionUid) -> None:
        """See `ResultsPort.seen`."""
        await self._seen(session)

    async def unseen(self, session: SessionUid) -> None:
        """See `ResultsPort.unseen`."""
        await self._unseen(session)


def _line(track: Track, statement: str) -> Fly[str, int]:
    async def fly(sessions: Sequence[str]) -> Sequence[tuple[int, int | Exception]]:
        rows = await track.fetch(statement, list(sessions))
        return [(row["ord"] - 1, row["count"]) for row in rows]

    return fly

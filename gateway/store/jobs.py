"""Jobs in the store: which process runs one now, and how it went the last time. Times are the machine's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.store.statements import JOB_ENDED, JOB_TAKEN, JOBS_LIST
from gateway.store.tracks import Target, Track, TrackEvent

RESULT_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class JobView:
    """One job that ever ran; `owner` is the run that has it now."""

    name: str
    owner: str | None
    job_lease_until: datetime | None
    last_ran_at: datetime | None
    last_success_at: datetime | None
    last_result: str


class Jobs:
    """The jobs of all processes, over a connection of one's own. One call at a time."""

    def __init__(self, target: Target, notice: TrackEvent) -> None:
        self._track = Track(target, notice)

    async def close(self) -> None:
        """Close the connection."""
        await self._track.close()

    async def take(self, name: str, owner: str, lease_until: datetime, ran_before: datetime, now: datetime) -> bool:
        """Take a job for one run, under an owner that no other run has; False while another process has it, or when it
        ran after `ran_before`."""
        [row] = await self._track.fetch(JOB_TAKEN, name, owner, lease_until, ran_before, now)
        return bool(row["taken"])

    async def end(self, name: str, owner: str, ran_at: datetime, result: str, *, well: bool) -> None:
        """A run is over."""
        await self._track.fetch(JOB_ENDED, name, owner, ran_at, well, result[:RESULT_LENGTH_MAX])

    async def listed(self) -> Sequence[JobView]:
        """Those that ever ran."""
        return [JobView(**dict(row)) for row in await self._track.fetch(JOBS_LIST)]

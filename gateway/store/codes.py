"""Issues gift codes: a batch in the database and its clear copy in a file, both whole or neither.

Decides the order of the steps: codes go in while nothing of their batch works; the file is on the disk before anything
does; the batch becomes active in one step; then the file gets its name. Whatever dies in between, no code works whose
clear text is nowhere.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from typing import Any

from gateway.crash import CrashPoint, Reach, pass_by
from gateway.errors import BadRequestError, ConfigurationError, StoreUnavailableError
from gateway.ids import MemberId
from gateway.loyalty.codes import (
    BATCH_MAX,
    LONG_DIGITS_MAX,
    LONG_DIGITS_MIN,
    RARE,
    SHORT_DIGITS,
    Serial,
    bearer_codes_max,
    draw,
)
from gateway.msisdn import Msisdn
from gateway.store.code_file import CodeFile
from gateway.store.schema import ABSENT, NO_SCHEMA, Keys
from gateway.store.statements import (
    CODE_BATCH_ACTIVATED,
    CODE_BATCH_BEGUN,
    GIFT_CODES_ADDED,
    INVITE,
)
from gateway.store.tracks import PatientTrack, Target, Track

CHUNK_MAX = 1_000
"""Codes of one transaction: a few hundredths of a second, so that nobody who dials waits behind it."""
DRAWS_MAX = 20
"""How often codes are drawn again that somebody has already: one in ten thousand is, the first time."""


@dataclass(frozen=True, slots=True)
class CodeBatch:
    """What is to be issued. With `numbers` there is one code for each, and it works from that number only.

    `language` is for numbers that are no members yet; `key` is by what the batch is found when asked for again.
    """

    key: str
    campaign: str
    grants: Mapping[str, Any]
    digits: int
    count: int
    numbers: Sequence[Msisdn]
    language: str
    valid_from: datetime
    valid_until: datetime
    issued_by: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """Issues batches over one track. `below(n)` draws an integer from 0 to n - 1 that nobody can foresee. `reach` is
    told of nothing unless the database is a demo's."""

    track: Track
    keys: Keys
    below: Callable[[int], int]
    reach: Reach = pass_by

    async def issue(
        self, batch: CodeBatch, file: CodeFile, at: datetime, issued: Callable[[int], object] = lambda _: None
    ) -> int:
        """Issue a batch into a file that is begun; its number. `issued` is told how many codes are in, as they come.

        Raises `BadRequestError` for a batch that must not be, and `ConfigurationError` for keys that are not this
        database's.
        """
        refuse_unsafe(batch)
        reach = self.reach if await self._is_demo() else pass_by
        batch_id = await self._begin(batch, at)
        reach(CrashPoint.BATCH_BEGUN)
        for first in range(1, batch.count + 1, CHUNK_MAX):
            ordinals = range(first, min(first + CHUNK_MAX, batch.count + 1))
            numbers = batch.numbers[first - 1 : first - 1 + len(ordinals)]
            members = await self._members(numbers, batch.language, at) if numbers else repeat(None)
            drawn = await self._add(batch_id, batch.digits, dict(zip(ordinals, members, strict=False)))
            until = batch.valid_until.isoformat()
            file.write(
                (str(Serial(batch_id, ordinal)), drawn[ordinal], number, until)
                for ordinal, number in zip(ordinals, numbers or repeat(""), strict=False)
            )
            issued(len(ordinals))
            reach(CrashPoint.CODES_ADDED)
        file.finish()
        reach(CrashPoint.CODES_FILED)
        await self._activate(batch_id, file, at)
        reach(CrashPoint.BATCH_ACTIVATED)
        file.publish()
        return batch_id

    async def _is_demo(self) -> bool:
        """Whether the database is a demo's. Raises `ConfigurationError` where it is not ours."""
        return (await self.keys.agree(self.track.fetch, demo=None)).demo

    async def _begin(self, batch: CodeBatch, at: datetime) -> int:
        alive_max = None if batch.numbers else bearer_codes_max(batch.digits)
        [row] = await self.track.fetch(
            CODE_BATCH_BEGUN,
            json.dumps(
                {
                    "key": batch.key,
                    "campaign": batch.campaign,
                    "grants": dict(batch.grants),
                    "digits": batch.digits,
                    "bound": bool(batch.numbers),
                    "count": batch.count,
                    "alive_max": alive_max,
                    "valid_from": batch.valid_from.isoformat(),
                    "valid_until": batch.valid_until.isoformat(),
                    "issued_by": batch.issued_by,
                    "at": at.isoformat(),
                }
            ),
        )
        if row["batch_id"] is None:
            raise BadRequestError(
                f"with this batch more than {alive_max} bearer codes of {batch.digits} digits would be alive, one of "
                f"{RARE} that look right: issue longer ones with --digits, or bind them with --bind"
            )
        return int(row["batch_id"])

    async def _members(self, numbers: Sequence[Msisdn], language: str, at: datetime) -> list[MemberId]:
        """Whose numbers these are; who is no member yet is invited."""
        keys = self.keys.numbers
        digests = [keys.digests(number) for number in numbers]
        firsts, others = [first for first, *_ in digests], [other for _, *rest in digests for other in rest]
        ciphers = [keys.encrypt(number) for number in numbers]
        rows = await self.track.fetch(INVITE, firsts, others, ciphers, keys.current, language, at)
        members = {row["ord"]: MemberId(row["member_id"]) for row in rows}
        return [members[ordinal] for ordinal in range(1, len(numbers) + 1)]

    async def _add(self, batch_id: int, digits: int, members: Mapping[int, MemberId | None]) -> Mapping[int, str]:
        """Draw a code for each ordinal, and again where somebody has it already."""
        drawn: dict[int, str] = {}
        for _ in range(DRAWS_MAX):
            tried = {ordinal: draw(digits, self.below) for ordinal in members if ordinal not in drawn}
            codes = [
                [ordinal, members[ordinal], [digest.hex() for digest in self._digests(members[ordinal], gift_code)]]
                for ordinal, gift_code in tried.items()
            ]
            rows = await self.track.fetch(GIFT_CODES_ADDED, batch_id, self.keys.codes.current, json.dumps(codes))
            drawn |= {row["ordinal"]: tried[row["ordinal"]] for row in rows}
            if len(drawn) == len(members):
                return drawn
        raise BadRequestError(f"batch {batch_id} was stopped, or there are no more codes of {digits} digits to be had")

    def _digests(self, member_id: MemberId | None, gift_code: str) -> Sequence[bytes]:
        if member_id is None:
            return self.keys.codes.bearer_digests(gift_code)
        return self.keys.codes.bound_digests(member_id, gift_code)

    async def _activate(self, batch_id: int, file: CodeFile, at: datetime) -> None:
        try:
            [row] = await self.track.fetch(CODE_BATCH_ACTIVATED, batch_id, at)
        except StoreUnavailableError as error:
            raise StoreUnavailableError(
                f"{error}: whether batch {batch_id} works is not known; `gateway codes list` says. If it is active, "
                f"its codes are in {file.partial}; else make it void and remove that file"
            ) from error
        if not row["active"]:
            file.discard()
            raise BadRequestError(f"batch {batch_id} was made void while it was issued")


def refuse_unsafe(batch: CodeBatch) -> None:
    """Raise `BadRequestError` for a batch whose codes could be guessed, or that is none."""
    if batch.digits != SHORT_DIGITS and not LONG_DIGITS_MIN <= batch.digits <= LONG_DIGITS_MAX:
        raise BadRequestError(
            f"gift codes have {SHORT_DIGITS} digits, or from {LONG_DIGITS_MIN} to {LONG_DIGITS_MAX} with a check digit"
        )
    if batch.digits == SHORT_DIGITS and not batch.numbers:
        raise BadRequestError(
            f"codes of {SHORT_DIGITS} digits must be bound with --bind: of a million anybody would guess one soon; "
            f"codes for whoever brings them have --digits {LONG_DIGITS_MIN} or more"
        )
    if not 0 < batch.count <= BATCH_MAX:
        raise BadRequestError(f"a batch has from 1 to {BATCH_MAX} codes")
    if batch.numbers and len(batch.numbers) != batch.count:
        raise BadRequestError(f"--count says {batch.count}, and the file of --bind has {len(batch.numbers)} numbers")


async def issue(
    database_url: str,
    keys: Keys,
    batch: CodeBatch,
    file: CodeFile,
    at: datetime,
    below: Callable[[int], int],
    issued: Callable[[int], object] = lambda _: None,
    reach: Reach = pass_by,
) -> int:
    """Issue a batch over a connection of its own; see `Issuer.issue`. Raises what a track raises."""
    track = PatientTrack(Target(database_url, "gateway codes"), lambda *_: None)
    try:
        return await Issuer(track, keys, below, reach).issue(batch, file, at, issued)
    except ABSENT:
        raise ConfigurationError(NO_SCHEMA) from None
    finally:
        await track.close()

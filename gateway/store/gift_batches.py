"""Batches of gift codes as the API has them: listed page by page, issued onto a sheet, turned in a transaction."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from gateway.loyalty.codes import Serial, shown_grant
from gateway.store.code_file import CodeFile
from gateway.store.codes_view import BatchView, CodeState, Turned
from gateway.store.idempotent import Transaction
from gateway.store.ledger import Ledger
from gateway.store.statements import CODE_BATCH_TURNED, CODE_BATCHES_PAGE, GIFT_CODE_SEEN, GIFT_CODES_TURNED

FIRST = 2**31 - 1
"""The place before the newest."""


class Sheet(CodeFile):
    """Codes that go into one answer and never onto a disk: what a `CodeFile` is for the command. The transaction makes
    sure of what the file's name does: codes that are handed over work, others do not."""

    def __init__(self) -> None:
        super().__init__(Path("answer"))
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.batch_id: int | None = None
        self.rows: list[tuple[str, str, str, str]] = []

    def write(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        """See `CodeFile.write`."""
        self.rows.extend(rows)

    def finish(self) -> None:
        """All codes are here; nothing is to be made durable."""

    def discard(self) -> None:
        """It is known that none of its codes will ever work."""
        self.clear()

    def publish(self) -> None:
        """The answer is what publishes them."""


async def page(ledger: Ledger, before: int, count: int) -> list[BatchView]:
    """So many batches before a place, newest first. Raises what the ledger raises."""
    rows = await ledger.looks((CODE_BATCHES_PAGE, (before, count)))
    return [BatchView(**{**dict(row), "grants": shown_grant(json.loads(row["grants"]))}) for row in rows]


async def turn(
    transaction: Transaction, first: Serial, last: Serial, to: CodeState, actor: str, at: datetime
) -> Turned | None:
    """Bring codes of one batch to a state, in the request's transaction; None where one of the two ends is no code."""
    for end in (first, last):
        if not await transaction.fetch(GIFT_CODE_SEEN, end.batch_id, end.ordinal):
            return None
    [row] = await transaction.fetch(GIFT_CODES_TURNED, first.batch_id, first.ordinal, last.ordinal, to, actor, at)
    return Turned(row["turned"], row["left_alone"])


async def void(transaction: Transaction, batch_id: int, actor: str, at: datetime) -> Turned | None:
    """Stop a whole batch for ever, in the request's transaction; None where there is none.

    It is one row, however many codes it has. Which of them that stops is counted once it has happened.
    """
    for row in await transaction.fetch(CODE_BATCH_TURNED, batch_id, CodeState.VOID, actor, at):
        [batch] = await transaction.fetch(CODE_BATCHES_PAGE, batch_id + 1, 1)
        turned = batch["count"] - batch["redeemed"] - batch["void"] if row["turned"] else 0
        return Turned(turned, batch["count"] - turned)
    return None

"""`gateway codes issue` is killed at each named instant. No code works that is in no file, no file has its name before
its codes work, and the same command, given again, says how to go on; whoever does as it says has the whole batch.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from gateway import embedded
from gateway.crash import CrashPoint
from gateway.loyalty.codes import Serial
from gateway.store.code_keys import CodeKeys
from gateway.store.codes import CHUNK_MAX
from tests.conftest import CODE_KEY, LONG
from tests.crash.writes import CHUNKS, OF_THE_COMMAND
from tests.integration.store.gift_codes import rows_of
from tests.live.processes import Ground

pytestmark = pytest.mark.anyio

COUNT = (CHUNKS - 1) * CHUNK_MAX + 1
KEYS = CodeKeys.parse(CODE_KEY)
CHOSEN = [
    (point, number)
    for point, times in OF_THE_COMMAND.items()
    for number in (range(1, times + 1) if LONG else (min(2, times),))
]
BATCHES = "select batch_id, state from code_batch where campaign = $1 order by batch_id"
CODES = "select digest from gift_code where batch_id = $1"


class Issue:
    """One command with its file, given as often as a test likes; and what the books say of its batches."""

    def __init__(self, ground: Ground, folder: Path, campaign: str) -> None:
        self.path = folder / "codes.csv"
        self.partial = folder / "codes.csv.partial"
        self.ground = ground
        self.campaign = campaign

    def run(self, **settings: str) -> tuple[int, str]:
        done = self.ground.command(
            "codes", "issue", "--campaign", self.campaign, "--count", str(COUNT), "--grant", "points=500",
            "--digits", "14", "--out", str(self.path), **settings,
        )  # fmt: skip
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    async def batches(self) -> dict[int, str]:
        """Every batch, with its state; those that work are in a file, every code of them, and in one only."""
        servers = embedded.running(self.ground.data_dir)
        assert servers is not None
        connection = await asyncpg.connect(servers.postgres_url)
        try:
            found = {row["batch_id"]: row["state"] for row in await connection.fetch(BATCHES, self.campaign)}
            for batch_id in (batch_id for batch_id, state in found.items() if state == "active"):
                digests = {bytes(row["digest"]) for row in await connection.fetch(CODES, batch_id)}
                assert len(digests) == COUNT
                assert digests == self._written(batch_id), "a code works that nobody has"
        finally:
            await connection.close()
        if self.path.exists():
            [named] = {Serial.parse(row["serial"]).batch_id for row in rows_of(self.path)}
            assert found[named] == "active", "the file has its name, and its codes do not work"
        return found

    def _written(self, batch_id: int) -> set[bytes]:
        files = [path for path in (self.path, self.partial) if path.exists()]
        rows = [row for path in files for row in rows_of(path) if Serial.parse(row["serial"]).batch_id == batch_id]
        return {KEYS.bearer_digests(row["gift_code"])[0] for row in rows}

    def go_on(self, batch_id: int, state: str, advice: str) -> None:
        """Do what the command said."""
        assert "one broke off" in advice
        if state == "active":
            assert f"If `gateway codes list` has batch {batch_id} as active, rename it to codes.csv" in advice
            self.partial.rename(self.path)
            return
        assert (
            f"gateway codes void --batch {batch_id}" in advice or "that `gateway codes list` has as issuing" in advice
        )
        voided = self.ground.command("codes", "void", "--batch", str(batch_id))
        assert voided.returncode == 0, voided.stdout + voided.stderr
        self.partial.unlink()


@contextmanager
def broken_off(ground: Ground, folder: Path, point: CrashPoint, number: int) -> Iterator[Issue]:
    """A command that was killed there."""
    issue = Issue(ground, folder, f"{point}-{number}")
    code, words = issue.run(GATEWAY_CRASH_AT=f"{point}:{number}")
    assert code == -signal.SIGKILL, f"it never came to {point}: {words}"
    yield issue


@pytest.mark.parametrize(("point", "number"), CHOSEN)
async def test_a_death_while_codes_are_issued_leaves_none_that_works_and_that_nobody_has(
    point: CrashPoint, number: int, ground: Ground, tmp_path: Path
) -> None:
    with broken_off(ground, tmp_path, point, number) as issue:
        [(batch_id, state)] = (await issue.batches()).items()
        assert state == ("active" if point is CrashPoint.BATCH_ACTIVATED else "issuing")
        assert (issue.path.exists(), issue.partial.exists()) == (False, True)
        code, advice = issue.run()
        assert code != 0
        issue.go_on(batch_id, state, advice)
        if state != "active":
            code, words = issue.run()
            assert code == 0, words
        after = await issue.batches()
    assert sorted(after.values()) == (["active"] if state == "active" else ["active", "void"])
    assert len(rows_of(issue.path)) == COUNT
    assert not issue.partial.exists()

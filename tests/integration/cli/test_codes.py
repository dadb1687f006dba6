"""`gateway codes`, as an operator types it: one clear copy, acts by serial number, sentences for what cannot be."""

import csv
import json
import re
import stat
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from gateway.actions import verbs
from gateway.actions.verb import Call
from gateway.ids import IdempotencyKey
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.outcome import Outcome
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from tests.conftest import CODE_KEY, NUMBER_KEYS

pytestmark = pytest.mark.anyio

Codes = Callable[..., "subprocess.CompletedProcess[str]"]
NUMBER = Msisdn("+79217770001")
HOSTS_TIME = ZoneInfo("Europe/Moscow")


@pytest.fixture
def codes(gateway: Codes, database_url: str) -> Codes:
    """`gateway codes …` over a database of one's own."""

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        usual = {"database_url": database_url, "number_keys": NUMBER_KEYS, "code_key": CODE_KEY}
        return gateway("codes", *arguments, **(usual | settings))

    return run


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    path = tmp_path / "numbers.csv"
    path.write_text("﻿MSISDN,name\n89217770001,Ann\n\n+7 921 777-00-02,Bob\n", encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="ascii").splitlines()))


def issued(codes: Codes, folder: Path, *more: str) -> tuple[int, list[dict[str, str]]]:
    """A batch, by its number, and the rows of its file."""
    path = folder / f"codes-{len(list(folder.iterdir()))}.csv"
    usual = ("--campaign", "spring", "--grant", "points=500", "--out", str(path), "--json")
    done = codes("issue", *usual, *more)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["file"], told["count"]) == (str(path), len(rows_of(path)))
    return told["batch_id"], rows_of(path)


async def redeemed(ledger: Ledger, pack: Pack, gift_code: str, key: str, msisdn: Msisdn = NUMBER) -> Outcome:
    """What the verb answers, as the menu and the keywords call it."""
    at = datetime.now(UTC) + timedelta(seconds=1)
    call = Call(Loyalty(pack.programme, ledger), msisdn, at, "ussd", IdempotencyKey(key), {"gift_code": gift_code})
    return await verbs()["redeem"].carry_out(call)


async def test_codes_are_issued_bound_and_redeemed(
    codes: Codes, tmp_path: Path, numbers: Path, ledger: Ledger, pack: Pack
) -> None:
    batch_id, rows = issued(codes, tmp_path, "--bind", str(numbers))
    assert [row["msisdn"] for row in rows] == ["+79217770001", "+79217770002"]
    assert all(re.fullmatch(r"\d{6}", row["gift_code"]) for row in rows)
    valid_until = datetime.fromisoformat(rows[0]["valid_until"])
    assert valid_until.astimezone(HOSTS_TIME).time().isoformat() == "00:00:00"
    assert valid_until.astimezone(HOSTS_TIME).date() - datetime.now(HOSTS_TIME).date() == timedelta(days=91)

    theirs = await redeemed(ledger, pack, rows[1]["gift_code"], "a")
    assert (theirs.name, dict(theirs.facts)) == ("refused", {})
    first = await redeemed(ledger, pack, rows[0]["gift_code"], "b")
    assert (first.name, dict(first.facts)) == ("redeemed", {"unit": "points", "amount": 500, "balance": 500})
    assert await redeemed(ledger, pack, rows[0]["gift_code"], "b") == first
    assert (await redeemed(ledger, pack, rows[0]["gift_code"], "c")).name == "already_yours"

    (batch,) = json.loads(codes("list", "--json").stdout)["batches"]
    assert (batch["batch_id"], batch["redeemed"], batch["count"], batch["grants"]) == (batch_id, 1, 2, "points=500")
    assert batch["issued_by"].startswith("cli:")
    shown = json.loads(codes("show", rows[0]["serial"], "--json").stdout)
    assert (shown["state"], shown["msisdn"]) == ("redeemed", "+7921*****01")
    for done in (codes("list"), codes("show", rows[0]["serial"])):
        assert done.returncode == 0
        assert rows[0]["gift_code"] not in done.stdout
        assert "7921777" not in done.stdout


async def test_only_its_owner_may_read_the_file(codes: Codes, tmp_path: Path) -> None:
    out = tmp_path / "codes.csv"
    done = codes("issue", "--campaign", "c", "--count", "3", "--grant", "gift_units=2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert re.search(r"batch \d+: 3 codes of 10 digits for c, gift_units=2, until \d{4}-", done.stdout)
    assert f"The only clear copy is {out}" in done.stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not [row["gift_code"] for row in rows_of(out) if row["gift_code"] in done.stdout + done.stderr]
    again = codes("issue", "--campaign", "c", "--count", "3", "--grant", "gift_units=2", "--out", str(out))
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


async def test_staff_stop_codes_by_serial_number(
    codes: Codes, tmp_path: Path, ledger: Ledger, pack: Pack, database_url: str
) -> None:
    batch_id, rows = issued(codes, tmp_path, "--count", "3", "--digits", "12")
    span = ("--from", rows[0]["serial"], "--to", rows[1]["serial"])
    frozen = codes("freeze", *span)
    assert (frozen.returncode, frozen.stdout) == (0, "2 codes are frozen, 0 were left as they are\n")
    assert (await redeemed(ledger, pack, rows[0]["gift_code"], "a")).name == "refused"
    assert codes("unfreeze", *span).returncode == 0
    assert (await redeemed(ledger, pack, rows[0]["gift_code"], "b")).name == "redeemed"
    void = codes("void", *span)
    assert (void.returncode, void.stdout) == (1, "1 codes are void, 1 were left as they are\n")
    whole = codes("void", "--batch", str(batch_id))
    assert (whole.returncode, whole.stdout) == (0, f"batch {batch_id} is void\n")
    assert codes("unfreeze", "--batch", str(batch_id)).returncode == 1
    assert (await redeemed(ledger, pack, rows[2]["gift_code"], "c")).name == "refused"

    connection = await asyncpg.connect(database_url)
    log = await connection.fetch("select actor, action from audit_log where actor like 'cli:_%' order by audit_id")
    await connection.close()
    assert [row["action"] for row in log] == ["issue_codes", "turn_codes", "turn_codes", "turn_codes", "turn_batch"]


async def test_care_unlocks_a_number(codes: Codes, ledger: Ledger, pack: Pack) -> None:
    answers = [await redeemed(ledger, pack, "999999", str(ordinal)) for ordinal in range(6)]
    assert [answer.name for answer in answers] == ["refused"] * 4 + ["locked"] * 2
    until = answers[5].facts["until"]
    assert isinstance(until, str)
    assert date.fromisoformat(until) > datetime.now(UTC).date()
    for number, says in ((NUMBER, "unlocked\n"), (NUMBER, "it was not locked; its wrong tries are forgotten\n")):
        done = codes("unlock", number)
        assert (done.returncode, done.stdout) == (0, says)
    assert (await redeemed(ledger, pack, "999999", "7")).name == "refused"
    nobody = codes("unlock", "+79217770009")
    assert (nobody.returncode, nobody.stdout) == (1, "no member has this number\n")


ISSUE = ("issue", "--campaign", "c", "--out", "codes.csv")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param((*ISSUE, "--count", "2", "--grant", "stars=5"), "points=500, gift_units=500", id="unknown unit"),
        pytest.param((*ISSUE, "--count", "2", "--grant", "reward=moon"), "there are: minutes_60", id="unknown reward"),
        pytest.param((*ISSUE, "--grant", "points=5"), "how many?", id="no count"),
        pytest.param((*ISSUE, "--count", "2", "--grant", "points=5", "--digits", "6"), "must be bound", id="unbound"),
        pytest.param((*ISSUE, "--count", "3", "--grant", "points=5", "--bind", "numbers.csv"), "has 2 numbers", id="3"),
        pytest.param((*ISSUE, "--grant", "points=5", "--bind", "twice.csv"), "line 3 is the number of line 1", id="2"),
        pytest.param((*ISSUE, "--grant", "points=5", "--bind", "bad.csv"), "line 2 is no number", id="no number"),
        pytest.param((*ISSUE, "--grant", "points=5", "--bind", "none.csv"), "cannot be read", id="no file"),
        pytest.param((*ISSUE, "--grant", "points=5", "--bind", "empty.csv"), "has 0 numbers", id="an empty file"),
        pytest.param(("issue", "--campaign", "a b", "--out", "x", "--grant", "points=5"), "--campaign", id="a space"),
        pytest.param(("freeze",), "which codes?", id="freeze nothing"),
        pytest.param(("freeze", "--from", "0001-000001-3", "--batch", "1"), "which codes?", id="half of each"),
        pytest.param(("freeze", "--batch", "9"), "there is no batch 9", id="no such batch"),
        pytest.param(("show", "123456"), "printed as 0012-000345-7", id="a code in place of a serial number"),
    ],
)
def test_what_cannot_be_done_is_explained_and_leaves_nothing(
    codes: Codes, numbers: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "twice.csv").write_text("89217770001\n89217770002\n9217770001\n")
    (tmp_path / "bad.csv").write_text("89217770001\nBank\n")
    (tmp_path / "empty.csv").write_text("msisdn\n")
    before = sorted(tmp_path.iterdir())
    done = codes(*arguments)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert "9217770001" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_another_key_issues_nothing(codes: Codes, tmp_path: Path) -> None:
    issued(codes, tmp_path, "--count", "1")
    other = codes(*ISSUE, "--count", "1", "--grant", "points=5", code_key="1:" + "ab" * 32)
    assert other.returncode == 2
    assert "GATEWAY_CODE_KEY" in other.stderr
    assert "abab" not in other.stderr
    assert not (tmp_path / "codes.csv").exists()

"""`gateway segments`, `gateway members tier`: files of numbers go in and out, and nothing goes in by half a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.loyalty.ports import Status
from gateway.store.ledger import Ledger
from gateway.store.segments import CHANGE_MAX
from tests.integration import grouped
from tests.integration.cli.staff import Staff
from tests.integration.store.traffic import AT, NUMBER, enrolled, number

pytestmark = pytest.mark.anyio


@pytest.fixture
def known(known: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return known | {"pack": str(grouped.folder(tmp_path))}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two numbers, as people write them."""
    return written(tmp_path / "numbers.txt", f"{NUMBER}\n\n8 (921) 000-00-02\n")


def written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def counts(staff: Staff) -> dict[str, int]:
    done = staff("segments", "list", "--json")
    assert done.returncode == 0, done.stderr
    return {row["segment"]: row["members"] for row in json.loads(done.stdout)["segments"]}


def shown(staff: Staff, msisdn: str = NUMBER) -> dict[str, Any]:
    done = staff("members", "show", msisdn, "--json")
    assert done.returncode == 0, done.stderr
    view: dict[str, Any] = json.loads(done.stdout)
    return view


async def test_files_of_numbers_go_in_and_out(staff: Staff, ledger: Ledger, file: Path) -> None:
    await enrolled(ledger)
    assert counts(staff) == {"at_risk": 0, "vip": 0}
    assert staff("segments", "add", "vip", str(file)).stdout == "vip: 2 numbers are new, 0 were in it already\n"
    assert staff("segments", "add", "vip", str(file)).stdout == "vip: 0 numbers are new, 2 were in it already\n"
    came, comes = [await ledger.member(one, AT) for one in (NUMBER, number(2))]
    assert came is not None
    assert comes is not None
    assert (came.status, comes.status, came.segments, comes.segments) == (
        Status.ACTIVE, Status.INVITED, {"vip"}, {"vip"},
    )  # fmt: skip
    assert (shown(staff)["segments"], counts(staff)["vip"]) == (["vip"], 2)
    written(file, f"{NUMBER}\n{number(3)}\n")
    assert staff("segments", "remove", "vip", str(file)).stdout == "vip: 1 numbers are out, 1 were not in it\n"
    assert (shown(staff)["segments"], counts(staff)) == ([], {"at_risk": 0, "vip": 1})
    table = staff("segments", "list").stdout
    assert [line.split() for line in table.splitlines()] == [["segment", "members"], ["at_risk", "0"], ["vip", "1"]]


async def test_a_long_file_goes_in_by_pieces(staff: Staff, tmp_path: Path) -> None:
    file = written(tmp_path / "long.txt", "\n".join(map(number, range(2 * CHANGE_MAX + 1))))
    done = staff("segments", "add", "at_risk", str(file))
    assert done.stdout == f"at_risk: {2 * CHANGE_MAX + 1} numbers are new, 0 were in it already\n", done.stderr
    assert counts(staff) == {"at_risk": 2 * CHANGE_MAX + 1, "vip": 0}


async def test_a_tier_is_given_and_taken(staff: Staff, ledger: Ledger) -> None:
    await enrolled(ledger)
    for tier, says, is_now in (
        ("gold", "the member's tier is gold", "gold"),
        ("silver", "the member's tier is silver", "silver"),
        ("none", "the member has no tier", None),
    ):
        assert staff("members", "tier", NUMBER, tier).stdout == f"{says}\n"
        assert shown(staff)["tier"] == is_now
    nobody = staff("members", "tier", number(9), "none")
    assert (nobody.returncode, nobody.stdout) == (1, "no member has this number\n")
    assert staff("members", "show", number(9)).returncode == 1
    assert staff("members", "tier", number(9), "gold").returncode == 0
    assert (shown(staff, number(9))["tier"], shown(staff, number(9))["status"]) == ("gold", "invited")
    text = staff("members", "show", number(9)).stdout
    assert "tier: gold\n" in text


@pytest.mark.parametrize(
    ("arguments", "content", "says"),
    [
        pytest.param(("segments", "add", "vips"), "89210000001\n", "there are at_risk, vip", id="no such segment"),
        pytest.param(("segments", "remove", "vips"), "89210000001\n", "there are at_risk, vip", id="nor to leave"),
        pytest.param(("segments", "add", "vip"), "89210000001\nBank\n", "line 2 is no number", id="no number"),
        pytest.param(
            ("segments", "add", "vip"), "89210000001\n+79210000001\n", "line 2 is the number of line 1", id="twice"
        ),
        pytest.param(("segments", "add", "vip"), "\n", "has 0 numbers: a file has from 1", id="nothing"),
        pytest.param(("segments", "add", "vip"), None, "cannot be read", id="no file"),
        pytest.param(("members", "tier", NUMBER, "tin"), "", "bronze, silver, gold", id="no such tier"),
        pytest.param(("members", "tier", "Bank", "gold"), "", "E.164", id="nobody's number"),
    ],
)
async def test_what_cannot_be_done_is_explained_and_changes_nothing(
    staff: Staff, ledger: Ledger, tmp_path: Path, arguments: tuple[str, ...], content: str | None, says: str
) -> None:
    file = tmp_path / "numbers.txt"
    if content is not None:
        written(file, content)
    done = staff(*arguments, *([str(file)] if arguments[0] == "segments" else []))
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert "9210000001" not in done.stderr
    assert await ledger.member(NUMBER, AT) is None


async def test_a_pack_without_segments_says_so(staff: Staff, file: Path) -> None:
    done = staff("segments", "add", "vip", str(file), pack="bolshe")
    assert (done.returncode, "there are none" in done.stderr) == (2, True)

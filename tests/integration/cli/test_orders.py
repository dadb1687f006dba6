"""`gateway orders`, `rewards`, `switches`, `jobs`: what staff see, what they may say, and that the audit log has it."""

import json
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.loyalty.writes import Told
from gateway.store.ledger import Ledger
from gateway.store.tracks import Target, connect
from tests.integration.cli.staff import Done, Staff
from tests.integration.fulfilment.scene import EARNED, PRICE, Books, Scene
from tests.integration.store.traffic import AT, enrolled, posted
from tests.live.billing import Billing

pytestmark = pytest.mark.anyio

Gateway = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
async def scene(ledger: Ledger, database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """A shop whose billing nobody starts."""
    connection = await connect(Target(database_url, "test"))
    yield Scene(ledger, database_url, connection, Billing(tmp_path))
    await connection.close()


def shown(done: "Done | subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    (rows,) = json.loads(done.stdout).values()
    return list(rows)


async def audited(connection: "asyncpg.Connection[Any]", *facts: str) -> list[tuple[Any, ...]]:
    """The audit log: what was done, to what, and some of the facts."""
    rows = await connection.fetch("select actor, action, subject, facts from audit_log order by audit_id")
    assert all(row["actor"].startswith("cli:") for row in rows)
    return [(row["action"], row["subject"], *map(json.loads(row["facts"]).get, facts)) for row in rows]


async def parked(scene: Scene) -> int:
    """An order of which nobody knows whether the billing has it."""
    order_id = await scene.order()
    await scene.connection.execute(
        "update reward_order set state = 'parked', doubtful = true, reason = 'no answer' where order_id = $1", order_id
    )
    return order_id


def ended(books: Books) -> tuple[str, str, int, Sequence[str]]:
    return books.state, books.hold, books.available, books.told


async def test_orders_are_listed_by_state_and_by_number(scene: Scene, staff: Staff) -> None:
    waiting, member_id = await scene.placed("manual", "visit")
    doubtful = await parked(scene)
    over = await scene.order("manual", "visit")
    assert staff("orders", "deliver", str(over), "--reason", "done").returncode == 0
    assert [row["order_id"] for row in shown(staff("orders", "list", "--json"))] == [doubtful, waiting]
    [row] = shown(staff("orders", "list", "--state", "parked", "--json"))
    assert (row["order_id"], row["doubtful"], row["reason"]) == (doubtful, True, "no answer")
    assert row["reference"].endswith(f"-{doubtful}"), "by this the billing can be asked for it"
    assert [row["order_id"] for row in shown(staff("orders", "list", "--state", "delivered", "--json"))] == [over]

    number = f"+{await number_of(scene, member_id)}"
    [theirs] = shown(staff("orders", "list", "--msisdn", number, "--json"))
    assert (theirs["order_id"], theirs["msisdn"]) == (waiting, f"{number[:5]}*****{number[-2:]}")
    table = staff("orders", "list")
    assert "2 orders" in table.stdout
    assert number not in table.stdout
    nobody = staff("orders", "list", "--msisdn", "+79219999999")
    assert (nobody.returncode, "no member has this number" in nobody.stderr) == (2, True)


async def number_of(scene: Scene, member_id: int) -> str:
    row = await scene.connection.fetchrow("select * from member_number where member_id = $1", member_id)
    assert row is not None
    number = scene.ledger.keys.decrypt(row["number_cipher"], row["key_version"], row["number_digest"])
    return number.removeprefix("+")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("deliver", ("delivered", "captured", EARNED - PRICE, ("delivered",)), id="deliver"),
        pytest.param("refuse", ("refused", "released", EARNED, ("refused",)), id="refuse"),
    ],
)
async def test_staff_say_how_a_parked_order_ended_once(
    scene: Scene, staff: Staff, word: str, expected: tuple[str, str, int, Sequence[str]]
) -> None:
    order_id = await parked(scene)
    done = staff("orders", word, str(order_id), "--reason", "the billing's log says so")
    assert (done.returncode, done.stdout) == (0, f"order {order_id}: {expected[0]}\n")
    assert ended(await scene.ended(order_id)) == expected
    for another in ("deliver", "refuse"):
        again = staff("orders", another, str(order_id), "--reason", "again")
        assert again.returncode == 1
        assert f"order {order_id} is left alone: it is {expected[0]} since " in again.stdout
    assert ended(await scene.ended(order_id)) == expected
    acts = await audited(scene.connection, "was", "becomes", "result", "reason")
    assert acts[0] == (
        "settle_order",
        f"order:{order_id}",
        "parked",
        expected[0],
        expected[0],
        "the billing's log says so",
    )
    assert [act[4] for act in acts[1:]] == ["settled", "settled"]


async def test_an_order_on_its_way_is_left_alone(scene: Scene, staff: Staff) -> None:
    order_id = await scene.order()
    await scene.leased(order_id, AT + timedelta(days=1))
    done = staff("orders", "refuse", str(order_id), "--reason", "they asked")
    assert (done.returncode, done.stdout) == (1, f"order {order_id} is left alone: it is calling\n")
    assert staff("orders", "deliver", "987654321", "--reason", "?").returncode == 2


@pytest.mark.parametrize(
    ("repeats", "options", "code", "doubtful"),
    [
        pytest.param("idempotent", [], 0, True, id="it may come again"),
        pytest.param("askable", [], 0, True, id="it is asked for first"),
        pytest.param("never", [], 2, None, id="it must not come again"),
        pytest.param("never", ["--not-delivered"], 0, False, id="somebody has made sure"),
    ],
)
async def test_a_parked_order_is_delivered_again(
    scene: Scene, staff: Staff, repeats: str, options: Sequence[str], code: int, doubtful: bool | None
) -> None:
    order_id = await parked(scene)
    done = staff("orders", "retry", str(order_id), "--reason", "they are back", *options, billing_repeats=repeats)
    assert done.returncode == code, done.stderr
    books = await scene.books(order_id)
    assert (books.state, books.doubtful) == (("parked", True) if code else ("placed", doubtful))
    if not code:
        again = staff("orders", "retry", str(order_id), "--reason", "?", *options, billing_repeats=repeats)
        assert (again.returncode, again.stdout) == (1, f"order {order_id} is left alone: it is placed\n")


async def test_only_the_billing_delivers_again(scene: Scene, staff: Staff) -> None:
    order_id = await scene.order("manual", "visit")
    done = staff("orders", "retry", str(order_id), "--reason", "?", billing_repeats="idempotent")
    assert done.returncode == 2
    assert "delivered by hand" in done.stderr


async def test_what_is_collected_is_handed_over_against_its_code_once(scene: Scene, staff: Staff) -> None:
    told = {"ready": Told("voucher", "order", "ready", {"reward": "mug"}, "ru", ("handover",))}
    order_id, _ = await scene.placed("pick_up", "mug", told=told)
    row = await scene.connection.fetchrow("select member_id, key from reward_order where order_id = $1", order_id)
    assert row is not None
    code = scene.ledger.items.code_keys.handovers(*row)[0]

    wrong = str((int(code) + 1) % 10**10).zfill(10)
    missed = staff("orders", "hand-over", wrong)
    assert (missed.returncode, "this code opens no order, as its check digit says" in missed.stdout) == (1, True)
    assert (await scene.books(order_id)).state == "ready"

    done = staff("orders", "hand-over", f"{code[:5]} {code[5:]}")
    assert (done.returncode, done.stdout) == (0, f"order {order_id}: delivered\n")
    assert ended(await scene.ended(order_id)) == ("delivered", "captured", EARNED - PRICE, ("ready", "delivered"))
    again = staff("orders", "hand-over", code)
    assert again.returncode == 1
    assert f"order {order_id} is left alone: it is delivered since " in again.stdout

    acts = await audited(scene.connection)
    assert acts == [("refuse_handover", "handover"), *[("settle_order", f"order:{order_id}")] * 2]
    log = await scene.connection.fetchval("select string_agg(facts::text, '') from audit_log")
    assert code not in log
    assert wrong not in log


async def test_an_order_that_staff_refuse_gives_its_piece_back(scene: Scene, staff: Staff) -> None:
    staff("rewards", "stock", "mug", "+1")
    order_id, _ = await scene.placed("pick_up", "mug", counted=True)
    assert {row["reward"]: row["left"] for row in shown(staff("rewards", "list", "--json"))}["mug"] == 0
    refused = staff("orders", "refuse", str(order_id), "--reason", "broken")
    assert (refused.returncode, refused.stdout) == (0, f"order {order_id}: refused\n")
    assert {row["reward"]: row["left"] for row in shown(staff("rewards", "list", "--json"))}["mug"] == 1
    assert (await scene.books(order_id)).state == "refused"


async def test_stock_is_counted(scene: Scene, staff: Staff) -> None:
    assert staff("rewards", "stock", "mug", "+100").stdout == "mug: 100 left\n"
    assert staff("rewards", "stock", "10", "-30").stdout == "mug: 70 left\n"
    less = staff("rewards", "stock", "mug", "-71")
    assert (less.returncode, "fewer than 71 left" in less.stdout) == (1, True)
    for wrong, why in (
        (("mug", "100"), "+100 or -5"),
        (("mug", "+0"), "+100 or -5"),
        (("mug", "-x"), "+100 or -5"),
        (("cinema", "+1"), "has no stock"),
        (("cup", "+1"), "there are minutes"),
    ):
        done = staff("rewards", "stock", *wrong)
        assert (done.returncode, why in done.stderr) == (2, True), done.stderr
    rows = {row["reward"]: row for row in shown(staff("rewards", "list", "--json"))}
    assert (rows["mug"]["left"], rows["cinema"]["left"], rows["internet_1gb"]["left"]) == (70, 0, None)
    assert await audited(scene.connection, "by", "remaining") == [
        ("change_stock", "reward:mug", 100, 100),
        ("change_stock", "reward:mug", -30, 70),
    ]


async def test_stock_that_is_changed_again_over_a_broken_connection_is_changed_once(scene: Scene) -> None:
    for _ in range(2):
        remaining = await scene.ledger.one("select stock_changed('mug', 5, 'key', 'cli:test', $1) as left", AT)
        assert remaining["left"] == 5


async def test_vouchers_are_taken_in_once_and_never_in_clear(scene: Scene, staff: Staff, tmp_path: Path) -> None:
    file = tmp_path / "vouchers.txt"
    file.write_text("KINO-1\nKINO-2\n\nKINO-1\n")
    assert staff("rewards", "vouchers", "cinema", str(file)).stdout == (
        "cinema: 2 new vouchers, 1 were there already\n"
    )
    file.write_text("KINO-2\nKINO-3\n")
    assert "1 new vouchers, 1 were there already" in staff("rewards", "vouchers", "cinema", str(file)).stdout
    rows = await scene.connection.fetch("select digest, cipher, key_version from voucher order by voucher_id")
    opened = [scene.ledger.keys.unseal(row["cipher"], row["key_version"], row["digest"]).decode() for row in rows]
    assert sorted(opened) == ["KINO-1", "KINO-2", "KINO-3"]
    assert await audited(scene.connection, "count") == [
        ("put_vouchers", "reward:cinema", 2),
        ("put_vouchers", "reward:cinema", 1),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("KINO-1\nВАУЧЕР\n", "line 2: a voucher has up to", id="another alphabet"),
        pytest.param(f"KINO-1\n{'X' * 21}\n", "line 2: a voucher has up to 20", id="too long"),
        pytest.param("KINO 1\n", "without a space", id="a space"),
        pytest.param("\n\n", "has 0 vouchers", id="nothing"),
    ],
)
async def test_a_file_of_vouchers_is_read_whole_first(
    scene: Scene, staff: Staff, tmp_path: Path, content: str, why: str
) -> None:
    file = tmp_path / "vouchers.txt"
    file.write_text(content, encoding="utf-8")
    done = staff("rewards", "vouchers", "cinema", str(file))
    assert (done.returncode, why in done.stderr) == (2, True), done.stderr
    assert "KINO" not in done.stderr
    assert await scene.connection.fetchval("select count(*) from voucher") == 0


async def test_a_switch_stops_what_it_names_and_nothing_else(scene: Scene, staff: Staff) -> None:
    assert staff("switches", "throw", "reward:mug", "--reason", "cracked").stdout == "reward:mug is stopped\n"
    assert "was stopped already" in staff("switches", "throw", "reward:mug", "--reason", "again").stdout
    [switch] = shown(staff("switches", "list", "--json"))
    assert (switch["name"], switch["reason"]) == ("reward:mug", "cracked")
    stopped = {row["reward"] for row in shown(staff("rewards", "list", "--json")) if row["stopped"]}
    assert stopped == {"mug"}
    wrong = staff("switches", "throw", "reward:mugs", "--reason", "?")
    assert wrong.returncode == 2
    assert "action:redeem, action:exchange, reward:" in wrong.stderr
    assert staff("switches", "close", "reward:mug").stdout == "reward:mug goes on\n"
    assert staff("switches", "close", "reward:mug").returncode == 1
    assert await audited(scene.connection, "reason") == [
        ("throw_switch", "switch:reward:mug", "cracked"),
        ("close_switch", "switch:reward:mug", None),
    ]


async def test_a_job_is_run_by_hand_and_listed(gateway: Gateway, known: dict[str, str], ledger: Ledger) -> None:
    await posted(ledger, await enrolled(ledger), 100, "old", AT - timedelta(days=400))
    before = {row["name"]: row["last_result"] for row in shown(gateway("jobs", "list", "--json", **known))}
    assert set(before.values()) == {"never"}
    assert gateway("jobs", "run", "expiry", **known).stdout == "expiry: 1 done, 0 failed\n"
    after = {row["name"]: row["last_result"] for row in shown(gateway("jobs", "list", "--json", **known))}
    assert after == before | {"expiry": "1 done, 0 failed"}
    unknown = gateway("jobs", "run", "backup", **known)
    assert (unknown.returncode, "there are expiry, orders_due" in unknown.stderr) == (2, True)

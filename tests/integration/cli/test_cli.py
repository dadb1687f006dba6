"""The command `gateway`, as an operator types it: answers, exit codes, and sentences instead of tracebacks."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from gateway.embedded import Servers
from gateway.ids import Amount
from gateway.loyalty.ports import Event
from gateway.loyalty.programme import EventType
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.packs import menus_folder, sms_templates_folder
from gateway.store.ledger import Ledger

pytestmark = pytest.mark.anyio

NUMBER = "+79217770001"
KEYS = "1:" + "5a" * 32
CODE_KEY = "1:" + "c0" * 32


Gateway = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
async def member(ledger: Ledger, pack: Pack) -> None:
    """A member with a top-up's points."""
    event = Event("crm", "1", EventType.TOP_UP, Msisdn(NUMBER), Amount(50_000))
    await Loyalty(pack.programme, ledger).take_event(event, datetime.now(UTC))


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize("spelling", [NUMBER, "89217770001", "9217770001"])
async def test_a_member_is_shown(gateway: Gateway, database_url: str, spelling: str) -> None:
    shown = gateway("members", "show", spelling, "--json", database_url=database_url, number_keys=KEYS)
    assert shown.returncode == 0, shown.stderr
    view = json.loads(shown.stdout)
    assert (view["msisdn"], view["balances"], view["status"]) == (NUMBER, {"points": 1000, "gift_units": 0}, "active")
    assert [(lot["unit"], lot["remaining"], lot["expired"]) for lot in view["lots"]] == [("points", 1000, False)]


@pytest.mark.usefixtures("member")
async def test_nobody_is_not_made_by_looking(gateway: Gateway, database_url: str) -> None:
    for _ in range(2):
        shown = gateway("members", "show", "+79217770002", database_url=database_url, number_keys=KEYS)
        assert (shown.returncode, shown.stdout.strip()) == (1, "no member has this number")


@pytest.mark.usefixtures("member")
async def test_the_ledger_is_verified(gateway: Gateway, database_url: str) -> None:
    verified = gateway("ledger", "verify", database_url=database_url)
    assert (verified.returncode, verified.stdout.strip()) == (0, "the ledger is right")
    connection = await asyncpg.connect(database_url)
    await connection.execute("update account set posted = posted + 1")
    await connection.close()
    verified = gateway("ledger", "verify", "--json", database_url=database_url)
    assert verified.returncode == 1
    assert {fault["invariant"] for fault in json.loads(verified.stdout)["faults"]} == {
        "an account is the sum of its entries",
        "an account is the sum of its lots",
    }


@pytest.mark.usefixtures("member")
async def test_accounts_are_summed_at_all_and_by_month(gateway: Gateway, database_url: str, pack: Pack) -> None:
    month = datetime.now(pack.programme.zone).strftime("%Y-%m")
    sums = [["issuance", "points", -1000], ["member", "points", 1000]]
    for options, expected in (((), sums), (("--month", month), sums), (("--month", "2020-12"), [])):
        shown = gateway("ledger", "accounts", *options, "--json", database_url=database_url)
        assert shown.returncode == 0, shown.stderr
        held = [list(one.values()) for one in json.loads(shown.stdout)["accounts"]]
        assert held == expected
    shown = gateway("ledger", "accounts", "--month", "May", database_url=database_url)
    assert (shown.returncode, "%Y-%m" in shown.stderr) == (2, True)


async def test_migrate_says_what_it_found(gateway: Gateway, database_url: str) -> None:
    migrated = gateway("migrate", "--demo", database_url=database_url)
    assert migrated.returncode == 0, migrated.stderr
    assert "there already, 0 partitions made, demo: True" in migrated.stdout


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        pytest.param(["serve", "--role", "http"], {}, "GATEWAY_DATABASE_URL", id="a role without URLs"),
        pytest.param(["serve"], {"pack": "nothing"}, "bolshe", id="a pack that is none"),
        pytest.param(["serve"], {"http_host": "192.0.2.1"}, "GATEWAY_HTTP_HOST", id="an address of somebody else"),
        pytest.param(["serve"], {"http_port": "x"}, "GATEWAY_HTTP_PORT", id="a port that is none"),
        pytest.param(["members", "show", "Bank"], {}, "E.164", id="a number that is none"),
        pytest.param(["migrate"], {"database_url": "mysql://x"}, "postgresql://", id="another database"),
        pytest.param(["graph", "nothing"], {}, "bolshe", id="a drawing of nothing"),
        pytest.param(["graph", "bolshe", "--language", "de"], {}, "ru, en", id="a drawing in a strange language"),
        pytest.param(["graph", "bolshe", "--out", "no/where"], {}, "cannot be written", id="a drawing to nowhere"),
        pytest.param(
            ["graph", "bolshe", "--counts", "no.json"], {}, "no.json cannot be read", id="a drawing of no counts"
        ),
        pytest.param(
            ["graph", "bolshe", "--counts", "a", "--coverage", "b"], {}, "draw two", id="a drawing of two things"
        ),
    ],
)
def test_what_cannot_be_done_is_explained_in_a_sentence(
    gateway: Gateway, arguments: list[str], settings: dict[str, str], says: str
) -> None:
    done = gateway(*arguments, **settings)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_needs_the_keys_of_its_numbers(gateway: Gateway, database_url: str, redis_url: str) -> None:
    served = gateway("serve", "--demo", database_url=database_url, redis_url=redis_url, http_port="0")
    assert served.returncode == 2
    assert "GATEWAY_NUMBER_KEYS" in served.stderr


def test_a_demo_database_is_not_served_as_a_real_one(gateway: Gateway, database_url: str, redis_url: str) -> None:
    served = gateway(
        "serve", database_url=database_url, redis_url=redis_url, number_keys=KEYS, code_key=CODE_KEY, http_port="0"
    )
    assert served.returncode == 2
    assert "--demo" in served.stderr


def test_a_database_without_our_schema_is_not_served(gateway: Gateway, servers: Servers, redis_url: str) -> None:
    served = gateway(
        "serve",
        database_url=servers.postgres_url,
        redis_url=redis_url,
        number_keys=KEYS,
        code_key=CODE_KEY,
        http_port="0",
    )
    assert served.returncode == 2
    assert "gateway migrate" in served.stderr


def own_pack(folder: Path) -> Path:
    """The shipped pack as an operator's own folder has it."""
    pack = Path(shutil.copytree(menus_folder() / "bolshe", folder / "mine"))
    shutil.copytree(sms_templates_folder() / "bolshe", pack / "texts")
    return pack


def test_check_names_every_fault_and_shows_no_secret(gateway: Gateway, tmp_path: Path) -> None:
    pack = own_pack(tmp_path)
    menu = (pack / "ussd.yaml").read_text(encoding="utf-8").replace("go: history}", "go: hystory}")
    (pack / "ussd.yaml").write_text(menu, encoding="utf-8")
    checked = gateway("check", str(pack), api_keys="crm:hunter2", ussd="nobody")
    assert checked.returncode == 1
    assert "hystory" in checked.stdout
    assert re.search(r"ussd\.yaml:\d+: error: screens\.home_menu", checked.stdout)
    assert "GATEWAY_API_KEYS takes" in checked.stdout
    assert "no dialect nobody" in checked.stdout
    assert "hunter2" not in checked.stdout + checked.stderr


def test_check_names_the_faults_of_a_programme(gateway: Gateway, tmp_path: Path) -> None:
    pack = own_pack(tmp_path)
    programme = (pack / "programme.yaml").read_text(encoding="utf-8")
    (pack / "programme.yaml").write_text(programme.replace("percent: 2", "percent: 200"), encoding="utf-8")
    checked = gateway("check", str(pack))
    assert checked.returncode == 1
    assert re.search(r"programme\.yaml:\d+: error: earning\.0\.steps\.1\.percent", checked.stdout)


def test_check_names_the_letter_that_makes_a_screen_too_long(gateway: Gateway, tmp_path: Path) -> None:
    pack = own_pack(tmp_path)
    menu = (pack / "ussd.yaml").read_text(encoding="utf-8")
    (pack / "ussd.yaml").write_text(menu.replace("en: You have {{", "en: Yоu have {{"), encoding="utf-8")
    checked = gateway("check", str(pack))
    assert checked.returncode == 1
    assert "'о'" in checked.stdout


def test_check_shows_people_the_line_and_what_to_write(gateway: Gateway, mine: Path) -> None:
    menu = (mine / "ussd.yaml").read_text(encoding="utf-8").replace("go: history}", "go: hystory}")
    (mine / "ussd.yaml").write_text(menu, encoding="utf-8")
    checked = gateway("check", str(mine))
    lines = checked.stdout.splitlines()
    at = next(place for place, line in enumerate(lines) if "hystory" in line)
    assert lines[at].endswith("error: screens.home_menu.options.1.go: there is no screen 'hystory'")
    assert lines[at + 1].endswith('| - {key: "2", text: {ru: История, en: History}, go: hystory}')
    assert lines[at + 2] == "    -> did you mean 'history'? Else add it"


def test_check_tells_programs_everything_that_people_are_told(gateway: Gateway, mine: Path) -> None:
    menu = (mine / "ussd.yaml").read_text(encoding="utf-8").replace("en: You have {{", "en: Yоu have {{")
    (mine / "ussd.yaml").write_text(menu, encoding="utf-8")
    checked = gateway("check", str(mine), "--json")
    report = json.loads(checked.stdout)
    assert (checked.returncode, report["ok"], report["errors"], report["warnings"]) == (1, False, 1, 0)
    (mixed,) = report["findings"]
    assert mixed.pop("file").endswith("mine/ussd.yaml")
    assert mixed.pop("line") == menu.splitlines().index(next(each for each in menu.splitlines() if "Yоu" in each)) + 1
    assert mixed == {
        "severity": "error",
        "kind": "mixed-alphabets",
        "key": "screens.home_menu.text.en",
        "message": "'Yоu' mixes alphabets: 'о' at letter 2 is Cyrillic",
        "suggestion": "type 'You' again, in one alphabet",
        "size": None,
        "letters": [{"letter": "о", "position": 2}],
        "used": None,
    }


def test_check_tells_programs_the_size_and_the_letter_to_blame(gateway: Gateway, mine: Path) -> None:
    menu = (mine / "ussd.yaml").read_text(encoding="utf-8").replace("en: You have {{", "en: You’ve got {{")
    (mine / "ussd.yaml").write_text(menu, encoding="utf-8")
    report = json.loads(gateway("check", str(mine), "--json").stdout)
    found = [each for each in report["findings"] if each["kind"] == "screen-too-long"]
    assert found, report["findings"]
    for each in found:
        size = each["size"]
        assert (each["letters"], each["key"]) == ([{"letter": "’", "position": 4}], "screens.home_menu.text.en")
        assert size["told"] == f"{size['length']}/{size['limit']} UCS-2"
        assert size["excess"] == size["length"] - size["limit"] > 0
        assert each["suggestion"].startswith(f"write ' in place of ’, or shorten it by {size['excess']}")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A pack of one's own, to spoil."""
    return own_pack(tmp_path)


SPOILT = [
    pytest.param("programme.yaml", "# программа".encode("cp1251"), "1: error: not UTF-8: save", id="cp1251"),
    pytest.param(
        "ussd.yaml", "start: home\n# меню".encode("cp1251"), "2: error: not UTF-8: save", id="cp1251 further on"
    ),
    pytest.param("ussd.yaml", "start: home".encode("utf-16"), "1: error: not UTF-8: save", id="UTF-16"),
    pytest.param("ussd.yaml", b"", "1: error: the file is empty: copy the menu", id="an empty menu"),
    pytest.param("programme.yaml", b"", "1: error: the file is empty: copy the programme", id="an empty programme"),
]


@pytest.mark.parametrize(("name", "content", "says"), SPOILT)
def test_a_file_that_cannot_be_read_is_a_finding_and_no_traceback(
    gateway: Gateway, mine: Path, name: str, content: bytes, says: str
) -> None:
    (mine / name).write_bytes(content)
    checked = gateway("check", str(mine))
    assert (checked.returncode, checked.stderr) == (1, "")
    assert f"{name}:{says.rpartition(': ')[0]}" in checked.stdout.replace("\n", "")
    served = gateway("serve", pack=str(mine))
    assert served.returncode == 2
    assert f"{name}:{says}" in served.stderr
    assert "Traceback" not in served.stderr


def test_published_strings_that_are_not_utf_8_are_a_finding(gateway: Gateway, mine: Path) -> None:
    (mine / "published.yaml").write_bytes("# печать".encode("cp1251"))
    checked = gateway("check", str(mine))
    assert checked.returncode == 1
    assert "published.yaml:1: error: not UTF-8" in checked.stdout


def test_a_file_saved_with_a_byte_order_mark_is_read(gateway: Gateway, mine: Path) -> None:
    for path in (path for path in mine.rglob("*") if path.is_file()):
        path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    checked = gateway("check", str(mine))
    assert checked.returncode == 0, checked.stdout


def test_the_faults_of_every_file_are_told_at_once(gateway: Gateway, mine: Path) -> None:
    names = ("programme.yaml", "ussd.yaml", "published.yaml", "sms.yaml")
    for name in names:
        (mine / name).write_text(f"nonsense: {name}\n", encoding="utf-8")
    checked = gateway("check", str(mine))
    assert [f"{name}:1" in checked.stdout for name in names] == [True] * 4


def test_check_shows_what_each_sms_costs(gateway: Gateway) -> None:
    checked = gateway("check", "bolshe")
    assert checked.returncode == 0, checked.stdout
    assert re.search(r"points\.balance +en +GSM-7 +\d+ +1", checked.stdout)
    assert re.search(r"history\.history +ru +UCS-2 +\d+ +5", checked.stdout)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://u:hunter2@h:x/d", id="a port in letters"),
        pytest.param("postgresql://u:hunter2@[::1/d", id="half an address"),
        pytest.param("postgresql://u@h/d?sslmode=perhaps", id="a mode that does not exist"),
    ],
)
@pytest.mark.parametrize("command", [["migrate"], ["members", "show", NUMBER], ["ledger", "verify"]], ids=str)
def test_a_wrong_url_is_told_in_a_sentence(gateway: Gateway, command: list[str], url: str) -> None:
    done = gateway(*command, database_url=url, number_keys=KEYS)
    assert done.returncode == 2
    assert done.stderr.startswith("gateway: GATEWAY_DATABASE_URL")
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("billing", "warnings"),
    [
        pytest.param({}, "1 warnings", id="none"),
        pytest.param({"billing_url": "https://billing.example"}, "0 warnings", id="one"),
    ],
)
def test_check_warns_of_rewards_that_nobody_delivers(gateway: Gateway, billing: dict[str, str], warnings: str) -> None:
    keys = {"number_keys": KEYS, "code_key": CODE_KEY, "billing_key": "k" * 32} if billing else {}
    checked = gateway("check", database_url="postgresql://db/loyalty", **{**keys, **billing})
    assert warnings in checked.stdout
    assert ("GATEWAY_BILLING_URL is not set" in checked.stdout.replace("\n", " ")) is not bool(billing)


def test_check_looks_at_the_url_of_the_database_too(gateway: Gateway) -> None:
    checked = gateway("check", database_url="postgresql://u:hunter2@h:x/d", number_keys=KEYS)
    assert checked.returncode == 1
    assert "settings: error: GATEWAY_DATABASE_URL: a port is a number" in checked.stdout
    assert "hunter2" not in checked.stdout


@pytest.mark.parametrize(
    ("arguments", "begins", "has"),
    [
        pytest.param([], "flowchart TD\n", '"1 Сроки"', id="Mermaid text"),
        pytest.param(["--format", "svg", "--language", "en"], "<svg ", "1 Balance and expiry", id="SVG"),
        pytest.param(["--format", "html"], "<!doctype html>", "99 999 999 999 баллов", id="a page"),
    ],
)
def test_the_menu_is_drawn(gateway: Gateway, tmp_path: Path, arguments: list[str], begins: str, has: str) -> None:
    drawn = gateway("graph", "bolshe", *arguments)
    assert (drawn.returncode, drawn.stderr) == (0, "")
    assert drawn.stdout.startswith(begins)
    assert has in drawn.stdout
    assert "74/80 UCS-2" in drawn.stdout or "88/120 GSM-7" in drawn.stdout
    written = gateway("graph", "bolshe", *arguments, "--out", str(tmp_path / "menu"))
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "menu").read_text(encoding="utf-8") == drawn.stdout


def test_a_menu_with_faults_is_drawn_without_gauges(gateway: Gateway, tmp_path: Path) -> None:
    menu = own_pack(tmp_path) / "ussd.yaml"
    menu.write_text(menu.read_text(encoding="utf-8").replace("go: help}", "go: nowhere}"), encoding="utf-8")
    drawn = gateway("graph", str(menu.parent), "--format", "svg")
    assert (drawn.returncode, drawn.stderr) == (0, "")
    assert '<g id="screen-nowhere" class="screen missing"' in drawn.stdout
    assert "/80 UCS-2" not in drawn.stdout

"""`gateway timeline` and `gateway api-keys`, as an operator types them."""

import json
import subprocess
from collections.abc import Callable

import pytest

from gateway.settings import Scope
from gateway.store.ledger import Ledger
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.store.gift_codes import tries
from tests.integration.store.traffic import AT, NUMBER, enrolled, posted

pytestmark = pytest.mark.anyio

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(gateway: Command, database_url: str) -> Command:
    """`gateway …` over a database of one's own."""

    def run(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        usual = {"database_url": database_url, "number_keys": NUMBER_KEYS, "code_key": CODE_KEY}
        return gateway(*arguments, **(usual | settings))

    return run


async def test_a_number_is_told_newest_first_and_masked(command: Command, ledger: Ledger) -> None:
    member_id = await enrolled(ledger)
    await posted(ledger, member_id, 500, "first")
    await tries(ledger, member_id, 1)
    done = command("timeline", NUMBER, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["msisdn"] == "+7921*****01"
    assert {item["what"] for item in told["items"]} == {"posting", "code_attempt", "enrolled"}
    shown = command("timeline", NUMBER)
    assert "posting: kind accrual, unit points, amount 500" in shown.stdout
    assert shown.stdout.endswith("3 lines of +7921*****01\n")
    assert "0000001" not in done.stdout + shown.stdout


async def test_a_stretch_of_time_is_chosen(command: Command, ledger: Ledger) -> None:
    await posted(ledger, await enrolled(ledger), 500, "first")
    assert json.loads(command("timeline", NUMBER, "--until", "2020-01-01", "--json").stdout)["items"] == []
    since = AT.isoformat(timespec="seconds").replace("+00:00", "+0000")
    assert len(json.loads(command("timeline", NUMBER, "--since", since, "--json").stdout)["items"]) == 2


def test_a_number_of_nobody(command: Command) -> None:
    done = command("timeline", "+79219999999")
    assert (done.returncode, done.stdout) == (1, "no member has this number\n")


def test_keys_are_made_listed_and_revoked(command: Command) -> None:
    made = command("api-keys", "create", "crm", "--scope", "members", "--scope", "timeline", "--json")
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)
    assert (key["name"], key["scopes"]) == ("crm", [Scope.MEMBERS, Scope.TIMELINE])
    assert len(key["secret"]) >= 40
    listed = command("api-keys", "list", "--json")
    (row,) = json.loads(listed.stdout)["keys"]
    assert (row["name"], row["scopes"], row["revoked_at"]) == ("crm", ["members", "timeline"], None)
    assert row["created_by"].startswith("cli:")
    for done in (listed, command("api-keys", "list")):
        assert key["secret"] not in done.stdout
    assert command("api-keys", "create", "crm", "--scope", "members").returncode == 1
    assert command("api-keys", "revoke", "crm").returncode == 0
    assert command("api-keys", "revoke", "crm").returncode == 1
    assert command("api-keys", "create", "crm", "--scope", "members").returncode == 1, "a name is for ever"


def test_a_name_of_the_settings_is_taken(command: Command) -> None:
    done = command("api-keys", "create", "billing", "--scope", "events", api_keys="billing:secret:events")
    assert done.returncode == 1
    assert "there is or was a key billing" in done.stdout
    assert command("api-keys", "create", "No Name", "--scope", "events").returncode == 2

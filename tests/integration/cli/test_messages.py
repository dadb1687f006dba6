"""`gateway outbox` and `gateway inbox`: what waits, what a person must look at, and what a person may order."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.ids import IdempotencyKey
from gateway.loyalty.ports import Result
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from gateway.smpp.pdu.coding import DefaultAlphabet
from gateway.sms import content
from gateway.sms.kinds import VOUCHER
from gateway.sms.ports import Mo, Reply, Taking
from gateway.store.inbox import Inbox
from gateway.store.ledger import Ledger
from gateway.store.tracks import Target

pytestmark = pytest.mark.anyio

Gateway = Callable[..., "subprocess.CompletedProcess[str]"]
NUMBER = Msisdn("+79217770001")
KEYS = "1:" + "5a" * 32


@pytest.fixture
async def messages(ledger: Ledger, pack: Pack, database_url: str) -> None:
    """Two messages in the outbox; the text that asked for the second is parked."""
    at = datetime.now(UTC)
    member = await Loyalty(pack.programme, ledger).recognise(NUMBER, at)
    inbox = Inbox(ledger, Target(database_url), lambda *_: None, pack.menu.digest)
    for name, parked in (("one", False), ("two", True)):
        octets = content.packed(f"Кто здесь [{name}]?".encode("utf-16-be"), 8, DefaultAlphabet.GSM7)
        mo = Mo("main", NUMBER, "6111", name.encode(), octets)
        replies: dict[Result, Reply | None] = {Result.READ: Reply("help", "shown", {}, "ru")}
        taking = Taking(member.member_id, IdempotencyKey(name), mo, None, replies, VOUCHER, parked=parked)
        assert await inbox.take(taking, at) is not None
    await inbox.close()


def shown(done: "subprocess.CompletedProcess[str]") -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    (rows,) = json.loads(done.stdout).values()
    return list(rows)


@pytest.mark.usefixtures("messages")
async def test_what_waits_is_listed_parked_and_sent_again(gateway: Gateway, database_url: str) -> None:
    settings = {"database_url": database_url, "number_keys": KEYS}
    two, one = shown(gateway("outbox", "list", "--json", **settings))
    assert [one["state"], two["state"]] == ["queued", "queued"]
    assert one["msisdn"] == "+7921*****01"
    assert one["says"] == "help:shown"

    parked = gateway("outbox", "park", str(one["message_id"]), **settings)
    assert (parked.returncode, parked.stdout) == (0, f"{one['message_id']}: parked\n")
    assert [
        row["message_id"] for row in shown(gateway("outbox", "list", "--state", "parked", "--json", **settings))
    ] == [one["message_id"]]

    again = gateway("outbox", "resend", str(one["message_id"]), "987654321", **settings)
    assert again.returncode == 1
    assert f"{one['message_id']}: queued" in again.stdout
    assert "987654321: left alone" in again.stdout
    assert len(shown(gateway("outbox", "list", "--json", **settings))) == 2
    assert shown(gateway("outbox", "list", "--doubtful", "--json", **settings)) == []

    table = gateway("outbox", "list", **settings)
    assert "2 messages" in table.stdout
    assert "7921777" not in table.stdout


@pytest.mark.usefixtures("messages")
async def test_a_parked_text_is_shown_to_whoever_must_deal_with_it(gateway: Gateway, database_url: str) -> None:
    settings = {"database_url": database_url, "number_keys": KEYS}
    (text,) = shown(gateway("inbox", "parked", "--json", **settings))
    assert (text["text"], text["msisdn"], text["short_number"]) == ("Кто здесь [two]?", "+7921*****01", "6111")
    assert "Кто здесь [two]?" in gateway("inbox", "parked", **settings).stdout

"""A gateway is killed while a phone exchanges points and redeems a gift code by SMS: at each instant of each text.

The SMSC sends again what was not acknowledged. Whoever comes next finds the quote, the order and the code as they were:
points have moved once, and the phone hears of each.
"""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.crash import CrashPoint
from gateway.ids import Amount
from gateway.loyalty.ports import Event
from gateway.loyalty.programme import EventType
from gateway.loyalty.service import Loyalty
from gateway.msisdn import Msisdn
from gateway.pack import Pack
from tests.conftest import LONG, open_ledger
from tests.crash.test_exchange_points import issued
from tests.crash.texts import new_link
from tests.live.network import Network, new_number
from tests.live.processes import Gateway, Ground
from tests.live.smsc import Smsc

pytestmark = pytest.mark.anyio

SAID = ("за 300 баллов", "в пути", "+500 баллов")
TEXTS = len(SAID)
"""A quote, its confirmation, a gift code."""
POINTS = (CrashPoint.TEXT_READ, CrashPoint.TEXT_TAKEN, CrashPoint.TEXT_ANSWERED)
CHOSEN = [(point, count) for point in POINTS for count in (range(1, TEXTS + 1) if LONG else (2, 3))]
ACKNOWLEDGED_MAX_S = 60.0
HEARD_MAX_S = 60.0
LOOK_S = 0.05


async def exchange(smsc: Smsc, msisdn: str, gift_code: str, link: str) -> None:
    """Text one thing after another, each when the one before was acknowledged."""
    for text in ("подарок 5", "1", gift_code):
        (number,) = await smsc.text(msisdn, "9373", text, link)
        await _acknowledged(smsc, number)


async def _acknowledged(smsc: Smsc, number: int) -> None:
    async with asyncio.timeout(ACKNOWLEDGED_MAX_S):
        while True:
            row, *_ = await smsc.deliveries(number - 1)
            if row["fate"] == "acknowledged":
                return
            await asyncio.sleep(LOOK_S)


async def heard(smsc: Smsc, msisdn: str) -> set[str]:
    """What the phone shows; a second copy of the same words is one that was in doubt."""
    return {text["text"] for text in await smsc.inbox(0) if f"+{text['msisdn']}" == msisdn}


async def test_a_death_in_an_exchange_by_sms_moves_points_once(
    ground: Ground, tmp_path: Path, pack: Pack, subtests: pytest.Subtests
) -> None:
    numbers = [new_number() for _ in CHOSEN]
    codes = issued(ground, tmp_path, numbers)
    ledger = open_ledger(ground.urls["GATEWAY_DATABASE_URL"], pack)
    loyalty, now = Loyalty(pack.programme, ledger), datetime.now(UTC)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(ledger.close)
        for msisdn in numbers:
            event = Event("exchange", msisdn, EventType.TOP_UP, Msisdn(msisdn), Amount(100_000))
            await loyalty.take_event(event, now)
        smsc = await stack.enter_async_context(Smsc(tmp_path))
        links = [new_link("exchange") for _ in CHOSEN]
        urls = [smsc.link(link, response_s=1) for link in links]
        dying = [stack.enter_context(Gateway(tmp_path, ground.settings)) for _ in CHOSEN]
        for gateway, (point, count), url in zip(dying, CHOSEN, urls, strict=True):
            gateway.start(GATEWAY_CRASH_AT=f"{point}:{count}", GATEWAY_SMPP=url)
        texting = asyncio.gather(*(exchange(smsc, *each) for each in zip(numbers, codes, links, strict=True)))
        killed = await asyncio.gather(*(asyncio.to_thread(gateway.wait_killed) for gateway in dying))
        started_again = stack.enter_context(Gateway(tmp_path, ground.settings))
        started_again.start(GATEWAY_SMPP=",".join(urls))
        async with Network(started_again.url) as network:
            await network.until_ready()
        await texting
        for msisdn, (point, count), died in zip(numbers, CHOSEN, killed, strict=True):
            with subtests.test(f"{point}:{count}"):
                assert died, "the texts never came to this point"
                await _exchanged_once(smsc, loyalty, msisdn)
    books = ground.command("ledger", "verify")
    assert books.returncode == 0, books.stdout + books.stderr


async def _exchanged_once(smsc: Smsc, loyalty: Loyalty, msisdn: str) -> None:
    """3,000 points less 300, and 500 more; and the phone knows of all three."""
    texts = await heard(smsc, msisdn)
    async with asyncio.timeout(HEARD_MAX_S):
        while [words for words in SAID if not any(words in text for text in texts)]:
            await asyncio.sleep(LOOK_S)
            texts = await heard(smsc, msisdn)
    member = await loyalty.ledger.member(Msisdn(msisdn), datetime.now(UTC))
    assert member is not None
    assert {one.unit: one.available for one in member.balances} == {"points": 3_200}
    assert len(await loyalty.ledger.orders(member.member_id, 9)) == 1
    assert len(texts) == TEXTS, f"nothing else was said: {texts}"

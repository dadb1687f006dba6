"""A gateway is killed at each named instant of the way of a text that came over HTTP: whoever called it calls again, as
Kannel does, under the same id, and the phone is answered once."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.crash import CrashPoint
from gateway.store.numbers import NumberKeys
from gateway.store.outbox import MessageState
from gateway.store.outbox_view import MessageView, listed
from tests.conftest import NUMBER_KEYS
from tests.live.network import KNOCK_S, Network, NotNowError, new_number, until_answered
from tests.live.processes import Gateway, Ground
from tests.live.sms_gateway import SmsGateway, kannel

pytestmark = pytest.mark.anyio

POINTS = (
    CrashPoint.TEXT_READ,
    CrashPoint.TEXT_TAKEN,
    CrashPoint.TEXT_ANSWERED,
    CrashPoint.MESSAGE_ANSWERED,
    CrashPoint.MESSAGE_SETTLED,
)
RECOVERS_MAX_S = 60.0
"""A lease of seven seconds, and a second try."""


@dataclass
class Line:
    """One point's own Kannel, name and phone."""

    point: CrashPoint
    peer: SmsGateway
    msisdn: str

    @property
    def smsc(self) -> str:
        return self.point.replace("_", "-")

    @property
    def link(self) -> str:
        return f"kannel://b:p@127.0.0.1:{self.peer.port}?smsc={self.smsc}&connect_s=1&response_s=1"

    async def text(self, url: str) -> None:
        """Call until it is taken."""
        fields = {"id": f"{self.msisdn}:1", "from": self.msisdn, "to": "6111", "text": "Баланс", "smsc": self.smsc}
        async with httpx.AsyncClient(trust_env=False) as http:

            async def once() -> None:
                response = await http.get(f"{url}/sms/kannel", params=fields)
                if response.status_code == 503:
                    raise NotNowError
                assert response.status_code == 200, response.text

            await until_answered(once)


async def test_a_death_at_any_point_loses_no_text_and_answers_none_twice(
    ground: Ground, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    async with AsyncExitStack() as stack:
        lines = [Line(point, stack.enter_context(SmsGateway(kannel)), new_number()) for point in POINTS]
        dying = [stack.enter_context(Gateway(tmp_path, ground.settings)) for _ in lines]
        for gateway, line in zip(dying, lines, strict=True):
            gateway.start(GATEWAY_CRASH_AT=f"{line.point}:1", GATEWAY_SMS=line.link)
        calls = [asyncio.create_task(line.text(gateway.url)) for gateway, line in zip(dying, lines, strict=True)]
        killed = await asyncio.gather(*(asyncio.to_thread(gateway.wait_killed) for gateway in dying))
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        started_again = stack.enter_context(Gateway(tmp_path, ground.settings))
        started_again.start(GATEWAY_SMS=",".join(line.link for line in lines))
        async with Network(started_again.url) as network:
            await network.until_ready()
        for line, died in zip(lines, killed, strict=True):
            with subtests.test(str(line.point)):
                assert died, "the text never came to this point"
                await line.text(started_again.url)
                message = await sent(ground.urls["GATEWAY_DATABASE_URL"], line)
                words = [taken.body for taken in line.peer.taken]
                assert len(set(words)) == 1, "each copy is the same"
                assert len(words) <= 1 + message.doubts, "sent again for doubt alone"


async def sent(database_url: str, line: Line) -> MessageView:
    """The only answer to a line's text, once its Kannel has it."""
    keys = NumberKeys.parse(NUMBER_KEYS)
    async with asyncio.timeout(RECOVERS_MAX_S):
        while True:
            found = await listed(database_url, keys, tuple(MessageState), 1000, doubtful=False)
            ours = [message for message in found if message.smsc == line.smsc]
            if [message.state for message in ours] == [MessageState.SENT]:
                return ours[0]
            assert len(ours) <= 1, "one text, one answer"
            await asyncio.sleep(KNOCK_S)

"""A balance asked for and answered over an SMSC that shares no code with us, in a process of its own."""

from pathlib import Path

import pytest

from gateway.store.outbox import MessageState
from tests.integration.sms.scene import ANNA, Scene
from tests.live.nursery import end
from tests.live.theirs import Theirs

pytestmark = pytest.mark.anyio


async def test_a_balance_in_russian_with_its_receipt(stage: Scene, tmp_path: Path) -> None:
    theirs = Theirs(tmp_path, ANNA.removeprefix("+"))
    try:
        async with stage.gateway(port=theirs.port):
            (message,) = await stage.until_state(MessageState.DELIVERED)
            await stage.until(lambda: bool(theirs.said("receipt")), "the receipt is acknowledged")
        (seen,) = theirs.said("submit")
        assert seen["source"] == ["6111", 3, 0]
        assert seen["destination"] == [ANNA.removeprefix("+"), 1, 1]
        assert seen["data_coding"] == 8
        assert bytes.fromhex(seen["octets"]).decode("utf-16-be").startswith("У вас 0 баллов")
        assert [each["status"] for each in theirs.said("text")] == [0]
        assert [each["status"] for each in theirs.said("receipt")] == [0]
        assert message.doubts == 0
    finally:
        end(theirs.process)

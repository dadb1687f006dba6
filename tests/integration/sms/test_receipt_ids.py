"""Receipts whose ids can be read in two ways, at an SMSC whose way is not known yet."""

import pytest

from gateway.store.outbox import MessageState
from tests.integration.sms.scene import Scene

pytestmark = pytest.mark.anyio

WORDS = ("Баланс", "История", "Старт", "Стоп")
NUMBERS = ("6111", "9373")
BEFORE = 9
"""Messages of others: their ids, 1 to 9, read the same in every way and teach nothing."""


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({}, id="decimal"),
        pytest.param({"ids": "hex", "receipt_ids": "decimal"}, id="hex, decimal in receipts"),
    ],
)
async def test_a_receipt_that_fits_two_messages_waits_until_the_way_is_known(
    stage: Scene, faults: dict[str, object]
) -> None:
    """Eight messages to one phone, 10 to 17: the receipt of 10 could be that of 16 too, which is 10 in hex."""
    stage.order(**faults)
    async with stage.gateway():
        for number in range(BEFORE):
            stage.text("Баланс", msisdn=f"+7921666000{number}")
        await stage.until_state(*[MessageState.DELIVERED] * BEFORE)
        stage.order(receipt_delay_s=1.0)  # until all eight are known
        for to in NUMBERS:
            for word in WORDS:
                stage.text(word, to)
        await stage.until_state(*[MessageState.DELIVERED] * (BEFORE + len(WORDS) * len(NUMBERS)))

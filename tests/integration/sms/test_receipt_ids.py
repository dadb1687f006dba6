"""Receipts whose ids can be read in two ways, at an SMSC whose way is not known yet."""

import pytest

from gateway.sms.kinds import REPLY
from gateway.store.outbox import MessageState
from tests.integration.sms.scene import Scene
from tests.integration.sms.test_outbox import put

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


@pytest.mark.parametrize(
    ("message_ids", "faults", "state"),
    [
        pytest.param("hex", {"ids": "hex", "receipt_ids": "decimal"}, MessageState.DELIVERED, id="hex, as it is"),
        pytest.param(
            "decimal", {"ids": "decimal", "receipt_ids": "hex"}, MessageState.DELIVERED, id="decimal, so it is"
        ),
        pytest.param("same", {"ids": "hex", "receipt_ids": "hex"}, MessageState.DELIVERED, id="the same, as it is"),
        pytest.param("learned", {"ids": "hex", "receipt_ids": "decimal"}, MessageState.DELIVERED, id="learned"),
        pytest.param("same", {"ids": "hex", "receipt_ids": "decimal"}, MessageState.SENT, id="said to be the same"),
        pytest.param("decimal", {"ids": "hex", "receipt_ids": "decimal"}, MessageState.SENT, id="said to be decimal"),
    ],
)
async def test_what_the_form_says_of_ids_is_believed(
    stage: Scene, message_ids: str, faults: dict[str, object], state: MessageState
) -> None:
    """The tenth message is `a` in hex; where the setting is wrong, its receipt finds nothing, and no other message."""
    stage.order(**faults)
    async with stage.gateway(f"message_ids={message_ids}"):
        for number in range(BEFORE):
            stage.text("Баланс", msisdn=f"+7921666000{number}")
        await stage.until_state(*[MessageState.DELIVERED] * BEFORE)
        stage.text("Баланс", msisdn="+79216660010")
        await stage.quiet()
        await stage.until_state(*[MessageState.DELIVERED] * BEFORE, state)


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({}, id="decimal"),
        pytest.param({"ids": "hex", "receipt_ids": "decimal"}, id="hex, decimal in receipts"),
    ],
)
async def test_a_receipt_before_its_answer_is_not_taken_for_an_older_message_s(
    stage: Scene, faults: dict[str, object]
) -> None:
    """Forty messages to one phone, one after the other, each receipt before the answer that names its message: that of
    16 reads as 10 in another base, and 10 is over."""
    stage.order(receipts="early", **faults)
    await put(stage, *[REPLY] * 40)
    async with stage.gateway():
        await stage.until_state(*[MessageState.DELIVERED] * 41)

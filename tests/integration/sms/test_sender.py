"""The sender under a slow store, and two senders that both hold a message for theirs."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from gateway.sms.kinds import REPLY, Lane, WhenInDoubt
from gateway.store.outbox import Claim, MessageState, Outbox, Settled
from gateway.store.tracks import Target
from tests.integration.sms.scene import ANNA, BORIS, Scene, SetClock
from tests.integration.sms.test_outbox import put

pytestmark = pytest.mark.anyio

LOOKS_MAX = 150
"""At the clock, of all there is, in some seconds with a full window: a few for each change, and two each second. One
that spins looks a hundred thousand times."""
AT_ONCE = dict.fromkeys(WhenInDoubt, timedelta(0))


async def test_a_full_window_is_waited_for_and_not_asked_again_and_again(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store takes a second to write down what was sent; until then the only slot is not to be used again."""
    for msisdn in (ANNA, BORIS, ANNA, BORIS):
        await put(stage, REPLY, msisdn=msisdn)
    connection = await asyncpg.connect(stage.database_url)
    await connection.execute(
        """create function slowly() returns trigger language plpgsql
           as $$ begin perform pg_sleep(1); return new; end $$;
           create trigger slowly before update on outbox for each row when (new.state = 'sent')
           execute function slowly()"""
    )
    await connection.close()
    looks = 0
    at = SetClock.at

    async def counted(self: SetClock) -> datetime:
        nonlocal looks
        looks += 1
        return await at(self)

    monkeypatch.setattr(SetClock, "at", counted)
    async with stage.gateway("window=1"):
        await stage.answered(3, BORIS)
    assert looks < LOOKS_MAX


async def test_a_sender_whose_lease_ended_is_told_that_the_message_is_another_s(stage: Scene) -> None:
    await put(stage, REPLY)
    outbox = Outbox(Target(stage.database_url), stage.ledger.keys, lambda *_: None)
    now = datetime.now(UTC)

    def claim(owner: str, lease_until: datetime) -> Claim:
        return Claim("test", "test", {Lane.REPLY: 1}, owner, lease_until, stage.clock.now)

    (first,) = await outbox.claim(claim("one/1", now - timedelta(seconds=1)))
    await outbox.tidy(stage.clock.now, AT_ONCE)
    (second,) = await outbox.claim(claim("two/1", now + timedelta(minutes=1)))
    goes_on = Settled(
        first.message_id, first.owner, "test", MessageState.SENDING, ((1, "a"),), 2, rest_until=now + timedelta(hours=1)
    )
    assert not (await outbox.settle(goes_on)).ours, "another has it: the first must not send its next part"
    by_second = Settled(
        second.message_id, second.owner, "test", MessageState.SENDING, (), 2, rest_until=now + timedelta(hours=1)
    )
    assert (await outbox.settle(by_second)).ours
    await outbox.close()
    (message,) = (await stage.messages())[1:]
    assert (message.state, message.doubts) == (MessageState.SENDING, 1)

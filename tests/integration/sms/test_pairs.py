"""Texts by a receiver, answers by a transmitter of the same account, and receipts that find what was sent."""

import pytest

from gateway.smpp.links import parse
from gateway.store.outbox import MessageState
from simulator.smsc.session import State
from tests.integration.sms.scene import ANNA, Scene

pytestmark = pytest.mark.anyio


def at(stage: Scene, query: str) -> str:
    return f"smpp://test:s3cret@127.0.0.1:{stage.port}?smsc=test&response_s=2&{query}"


@pytest.mark.parametrize("binds", [1, 2])
async def test_a_text_is_answered_and_receipted(stage: Scene, binds: int) -> None:
    async with stage.gateway(f"bind=pair&binds={binds}") as messaging:
        assert (
            sorted(session.state.name for session in stage.centre.sessions)
            == ["BOUND_RX"] * binds + ["BOUND_TX"] * binds
        )
        assert list(messaging.bound()) == [
            f"test#{number} {mode}" for number, mode in enumerate(["transmitter", "receiver"] * binds, 1)
        ]
        stage.text("Баланс")
        (text,) = await stage.answered(1)
        assert text.startswith("У вас 0 баллов")
        (message,) = await stage.until_state(MessageState.DELIVERED)
        assert (message.tries, message.doubts) == (1, 0)


async def test_while_the_transmitter_is_away_answers_wait(stage: Scene) -> None:
    """The account's transmitter knocks at a port where nobody is; texts are taken all the same."""
    links = parse(f"{at(stage, 'bind=transmitter')},{at(stage, 'bind=receiver')}")
    async with stage.linked(links) as messaging:
        out = next(link for link in messaging.links if link.settings.bind.submits)
        out.pause()
        await stage.until(
            lambda: [session.state for session in stage.centre.sessions if session.is_bound] == [State.BOUND_RX],
            "the transmitter has left",
        )
        stage.text("Баланс")
        await stage.until_state(MessageState.QUEUED)
        assert stage.words(ANNA) == []
        out.resume()
        await stage.answered(1)
        await stage.until_state(MessageState.DELIVERED)

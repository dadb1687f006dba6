"""Waiting for what must come to be so, with a bound."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_S = 0.05


async def until(reached: Callable[[], Awaitable[bool]], what: str, within_s: float = 60.0) -> None:
    """Ask again until it is so."""
    try:
        async with asyncio.timeout(within_s):
            while not await reached():  # noqa: ASYNC110 - another process tells nobody but who asks
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise AssertionError(f"not within {within_s:.0f} s: {what}") from None

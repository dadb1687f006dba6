"""An SMSC for each test, in the test's own loop: asyncio's, and uvloop, which is what runs in production."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.integration.smpp.peers import Smsc


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
        pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
    ],
)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
async def smsc(anyio_backend: Any) -> AsyncIterator[Smsc]:
    async with Smsc() as running:
        yield running

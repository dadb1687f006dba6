"""One SMSC for a module; each test finds it in good order, and closes its connections."""

from collections.abc import Iterator

import pytest

from tests.integration.smsc import fixtures
from tests.integration.smsc.peers import Smsc

running = fixtures.running("module")
in_order = fixtures.smsc


@pytest.fixture
def smsc(in_order: Smsc) -> Iterator[Smsc]:
    yield in_order
    in_order.until(lambda: in_order.get("/state")["sessions"] == [], "every test closes its connections")

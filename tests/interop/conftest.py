"""An SMSC for each module, which each test finds in good order; and what plays against it."""

from collections.abc import Iterator

import pytest

from tests.integration.smsc import fixtures
from tests.interop.service import Service

running = fixtures.running("module")
smsc = fixtures.smsc


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as serving:
        yield serving

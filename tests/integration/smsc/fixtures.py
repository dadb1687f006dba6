"""An SMSC for whoever tests beside a real one: `running` starts it, and `smsc` is it, in good order for each test.

A folder's conftest takes them by assignment: `running = fixtures.running("module")`, `smsc = fixtures.smsc`.
"""

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from tests.integration.smsc.peers import Smsc


def running(scope: Literal["module", "session"]) -> Any:
    """A fixture that keeps an SMSC up for so long."""

    @pytest.fixture(scope=scope)
    def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Smsc]:
        with Smsc(tmp_path_factory.mktemp("smsc")) as one:
            yield one

    return up


@pytest.fixture
def smsc(running: Smsc) -> Iterator[Smsc]:
    """The SMSC of `running`; whatever a test lets fail is in order again after it."""
    yield running
    running.http.delete("/faults")

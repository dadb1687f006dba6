"""One SMSC for a module; each test finds it in good order."""

from collections.abc import Iterator

import pytest

from tests.integration.smsc.peers import Smsc


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Smsc]:
    with Smsc(tmp_path_factory.mktemp("smsc")) as smsc:
        yield smsc


@pytest.fixture
def smsc(running: Smsc) -> Iterator[Smsc]:
    yield running
    running.http.delete("/faults")
    running.until(lambda: running.get("/state")["sessions"] == [], "every test closes its connections")

"""An SMSC for each module, which each test finds in good order; and what plays against it."""

from collections.abc import Iterator

import pytest

from tests.integration.smsc.peers import Smsc
from tests.interop.service import Service


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Smsc]:
    with Smsc(tmp_path_factory.mktemp("smsc")) as smsc:
        yield smsc


@pytest.fixture
def smsc(running: Smsc) -> Iterator[Smsc]:
    yield running
    running.http.delete("/faults")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as serving:
        yield serving

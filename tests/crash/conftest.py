"""Servers that survive every gateway of a test process, and the books over them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.processes import Gateway, Ground


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground(tmp_path_factory.mktemp("ground")) as ground:
        yield ground


@pytest.fixture
def gateway(ground: Ground, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that a test starts, kills, and starts again."""
    with Gateway(tmp_path, ground.settings) as gateway:
        yield gateway

"""The session store over a real Valkey, alone and as a cluster."""

from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.embedded import Servers
from gateway.state.client import StateClient
from gateway.state.sessions import Sessions
from tests.live.valkeys import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three masters without replicas."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture(params=["alone", "cluster"])
def state_url(request: pytest.FixtureRequest) -> str:
    if request.param == "cluster":
        cluster: Cluster = request.getfixturevalue("cluster")
        return cluster.url
    servers: Servers = request.getfixturevalue("servers")
    return servers.redis_url


@pytest.fixture
async def client(state_url: str) -> AsyncIterator[StateClient]:
    client = StateClient(state_url)
    yield client
    await client.close()


@pytest.fixture
def sessions(client: StateClient) -> Sessions:
    return Sessions(client)

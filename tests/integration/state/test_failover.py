"""A cluster whose slots move and whose masters die, a master watched by a sentinel, a server that is unwilling."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.errors import StateUnavailableError
from gateway.state.client import StateClient
from tests.live.valkeys import Cluster, Node, Watched

pytestmark = pytest.mark.anyio

TAKES_OVER_MAX_S = 60.0
"""A node is missed after one second; the replica is voted for, and clients learn of it."""
POLL_S = 0.1
KEYS = [f"ussd:{{{number}}}" for number in range(30)]
COUNT_UP = b"return redis.call('INCR', KEYS[1])"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[StateClient]:
    client = StateClient(url)
    try:
        yield client
    finally:
        await client.close()


async def count_up(client: StateClient) -> list[int]:
    """One script for each key, all in one flight."""
    return list(await asyncio.gather(*(client.run("EVAL", COUNT_UP, 1, key) for key in KEYS)))


async def until_served(client: StateClient) -> None:
    """Return when every key is served again; whoever asks meanwhile is told that it is not."""
    deadline = time.monotonic() + TAKES_OVER_MAX_S
    while True:
        try:
            await count_up(client)
        except StateUnavailableError:
            assert time.monotonic() < deadline, "nobody took over"
        else:
            return
        await asyncio.sleep(POLL_S)


async def test_a_moved_slot_is_followed_with_what_is_in_it(cluster: Cluster) -> None:
    async with connected(cluster.url) as client:
        before = await count_up(client)
        key = KEYS[0].encode()
        source = cluster.owner(key)
        target = next(node for node in cluster.masters if node is not source)
        cluster.move(key, target)
        assert cluster.owner(key) is target
        assert await count_up(client) == [count + 1 for count in before]


async def test_a_replica_takes_over_for_a_dead_master(tmp_path: Path) -> None:
    with Cluster(tmp_path, replicas=1) as cluster:
        async with connected(cluster.url) as client:
            await count_up(client)
            cluster.owner(KEYS[0].encode()).kill()
            await until_served(client)


async def test_a_sentinel_names_the_new_master(tmp_path: Path) -> None:
    with Watched(tmp_path) as watched:
        async with connected(watched.url) as client:
            assert await count_up(client) == [1] * len(KEYS)
            watched.master.kill()
            await until_served(client)
            assert watched.replica.ask("ROLE")[0] == b"master"


def is_replica(node: Node) -> None:
    node.ask("REPLICAOF", "127.0.0.1", 1)
    node.ask("CONFIG", "SET", "replica-serve-stale-data", "yes")


def is_full(node: Node) -> None:
    node.ask("CONFIG", "SET", "maxmemory", 1)


def lacks_replicas(node: Node) -> None:
    node.ask("CONFIG", "SET", "min-replicas-to-write", 1)


@pytest.mark.parametrize("makes_unwilling", [is_replica, is_full, lacks_replicas])
async def test_a_server_that_is_unwilling_is_a_server_that_is_away(
    makes_unwilling: Callable[[Node], None], tmp_path: Path
) -> None:
    node = Node(tmp_path)
    try:
        node.until_answering()
        makes_unwilling(node)
        async with connected(f"redis://127.0.0.1:{node.port}") as client:
            with pytest.raises(StateUnavailableError):
                await count_up(client)
    finally:
        node.close()


async def test_nobody_there_is_said_at_once(tmp_path: Path) -> None:
    async with connected(f"unix://{tmp_path}/nobody.sock") as client:
        with pytest.raises(StateUnavailableError):
            await client.run("PING")

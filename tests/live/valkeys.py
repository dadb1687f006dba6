"""Valkey as operators run it: a cluster of masters with a replica, and a master that sentinels watch."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis

from gateway.embedded import find
from tests.live.nursery import end
from tests.live.processes import free_port, tied

MASTERS = 3
SLOTS = 16_384
NODE_TIMEOUT_MS = 1000
SETTLES_MAX_S = 60.0
POLL_S = 0.02
HOST = "127.0.0.1"


class Node:
    """One `valkey-server` on a port of this machine."""

    def __init__(self, folder: Path, *options: str, port: int | None = None, script: tuple[str, ...] = ()) -> None:
        self.port = port or free_port()
        self._folder = folder / str(self.port)
        self._folder.mkdir(exist_ok=True)
        self._command = [
            str(find.valkey(None)), *script, "--port", str(self.port), "--bind", HOST, "--dir", str(self._folder),
            "--save", "", "--appendonly", "no", "--daemonize", "no", "--repl-diskless-sync-delay", "0", *options,
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(tied(*self._command), cwd=self._folder, stdout=log, stderr=log)

    def ask(self, *command: str | int | bytes) -> Any:
        """One command, once it answers at all."""
        with redis.Redis(host=HOST, port=self.port, protocol=2) as client:
            client.response_callbacks.clear()  # the answer as the server words it
            return client.execute_command(*command)

    def until_answering(self) -> None:
        """Return when it takes commands."""
        eventually(lambda: self.ask("PING"))

    def kill(self) -> None:
        """kill -9, and wait for the death."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Stop it."""
        end(self.process)


class Nodes:
    """Nodes that are closed together."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for node in self.nodes:
            node.close()


class Cluster(Nodes):
    """Three masters, and for each so many replicas."""

    def __init__(self, folder: Path, replicas: int = 0) -> None:
        super().__init__()
        try:
            self.nodes = [self._node(folder) for _ in range(MASTERS * (1 + replicas))]
            self.masters, self.replicas = self.nodes[:MASTERS], self.nodes[MASTERS:]
            self._join()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    @property
    def url(self) -> str:
        """What a gateway is given: one node, from which it learns the others."""
        return f"redis+cluster://{HOST}:{self.masters[0].port}"

    def owner(self, key: bytes) -> Node:
        """The master that keeps this key now."""
        slot = self.masters[0].ask("CLUSTER", "KEYSLOT", key)
        for first, last, master, *_ in self.masters[0].ask("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == master[1])
        raise AssertionError(f"nobody keeps slot {slot}")

    def move(self, key: bytes, target: Node) -> None:
        """Move the key's slot, with what is in it, as `valkey-cli --cluster reshard` does."""
        source = self.owner(key)
        slot = source.ask("CLUSTER", "KEYSLOT", key)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.ask("CLUSTER", "MYID"))
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.ask("CLUSTER", "MYID"))
        for moved in source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
            source.ask("MIGRATE", HOST, target.port, moved, 0, 1000)
        for node in (target, source):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.ask("CLUSTER", "MYID"))

    def _node(self, folder: Path) -> Node:
        return Node(
            folder,
            *("--cluster-enabled", "yes", "--cluster-port", str(free_port())),
            *("--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--cluster-config-file", "nodes.conf"),
        )

    def _join(self) -> None:
        for number, node in enumerate(self.nodes):
            node.until_answering()
            if number < MASTERS:
                first, last = number * SLOTS // MASTERS, (number + 1) * SLOTS // MASTERS - 1
                node.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
            _, bus = node.ask("CONFIG", "GET", "cluster-port")
            self.nodes[0].ask("CLUSTER", "MEET", HOST, node.port, int(bus))
        eventually(lambda: all(self._knows_all(node) for node in self.nodes))
        for number, replica in enumerate(self.replicas):
            replica.ask("CLUSTER", "REPLICATE", self.masters[number % MASTERS].ask("CLUSTER", "MYID"))
        eventually(lambda: all(b"cluster_state:ok" in node.ask("CLUSTER", "INFO") for node in self.nodes))
        eventually(lambda: all(b"master_link_status:up" in node.ask("INFO", "replication") for node in self.replicas))

    def _knows_all(self, node: Node) -> bool:
        return f"cluster_known_nodes:{len(self.nodes)}\r".encode() in node.ask("CLUSTER", "INFO")


class Watched(Nodes):
    """A master with a replica, and one sentinel that decides alone."""

    SERVICE = "sessions"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        try:
            self.master = self._add(Node(folder))
            self.replica = self._add(Node(folder, "--replicaof", f"{HOST} {self.master.port}"))
            eventually(lambda: b"master_link_status:up" in self.replica.ask("INFO", "replication"))
            self.sentinel = self._add(self._sentinel(folder))
            self.sentinel.until_answering()
            eventually(lambda: len(self.sentinel.ask("SENTINEL", "REPLICAS", self.SERVICE)) == 1)
        except BaseException:
            self.__exit__(None, None, None)
            raise

    @property
    def url(self) -> str:
        """What a gateway is given."""
        return f"redis+sentinel://{HOST}:{self.sentinel.port}/{self.SERVICE}"

    def _add(self, node: Node) -> Node:
        self.nodes.append(node)
        return node

    def _sentinel(self, folder: Path) -> Node:
        settings = folder / "sentinel.conf"
        settings.write_text(
            f"sentinel monitor {self.SERVICE} {HOST} {self.master.port} 1\n"
            f"sentinel down-after-milliseconds {self.SERVICE} {NODE_TIMEOUT_MS}\n"
            f"sentinel failover-timeout {self.SERVICE} 3000\n"
        )
        return Node(folder, script=(str(settings), "--sentinel"))


def eventually(ask: Callable[[], Any]) -> None:
    """Wait until the answer is true. Errors of a server that is starting or changing are no answer."""
    deadline = time.monotonic() + SETTLES_MAX_S
    while True:
        try:
            if ask():
                return
        except redis.RedisError:
            pass
        assert time.monotonic() < deadline, f"not within {SETTLES_MAX_S:.0f} s: see the nodes' logs"
        time.sleep(POLL_S)  # gossip wakes nobody

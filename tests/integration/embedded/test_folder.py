"""One folder, several starts; and what dead processes leave in it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import embedded
from gateway.embedded import disguise
from gateway.errors import ConfigurationError

Launch = Callable[..., Any]
Knows = Callable[..., tuple[bool, bool]]


def test_a_second_start_is_told_whose_it_is(data_dir: Path, launch: Launch, knows: Knows) -> None:
    first = launch(data_dir)
    with pytest.raises(ConfigurationError) as refused:
        embedded.start(data_dir)
    message = str(refused.value)
    assert f"in use by process {first.pids['gateway']} since 20" in message
    assert f"kill {first.pids['gateway']}" in message
    assert "GATEWAY_DATA_DIR" in message
    assert knows(first.servers, "before") == (True, True)


def test_two_starts_at_once_on_a_new_folder(new_dir: Path, here: Any) -> None:
    """Exactly one gets it; the other is told by the first one's name, not by a half-made folder."""
    script = here.package / "tests/integration/embedded/gateway_process.py"
    command = [here.python, script, new_dir, here.postgres, here.valkey]
    rivals = [
        subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(here.package)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [rival.stdout.readline() for rival in rivals if rival.stdout]
    for rival in rivals:
        rival.communicate()
    assert sorted("fault" in line for line in said) == [False, True], said
    winner = next(rival.pid for rival, line in zip(rivals, said, strict=True) if "fault" not in line)
    assert f"in use by process {winner}" in "".join(said)


def test_another_process_finds_the_running_servers(
    data_dir: Path, launch: Launch, wait_ended: Callable[..., None]
) -> None:
    assert embedded.running(data_dir) is None
    first = launch(data_dir)
    assert embedded.running(data_dir) == first.servers
    first.end()
    wait_ended(first.pids["keeper"])
    assert embedded.running(data_dir) is None


def test_nothing_runs_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert embedded.running(tmp_path / "no such folder") is None


@pytest.fixture
def stranger() -> Iterator[int]:
    """A living process that has nothing to do with the folder."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate(b"\n")


@pytest.fixture
def zombie() -> Iterator[int]:
    """A process that has ended and was not reaped, as under a container's careless PID 1."""
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    yield process.pid
    process.wait()


@pytest.mark.parametrize("left_by", ["stranger", "zombie"])
def test_a_number_that_came_round_again_is_not_believed(
    data_dir: Path, left_by: str, request: pytest.FixtureRequest, knows: Knows
) -> None:
    """PostgreSQL itself refuses to start over such a pid file."""
    pid = request.getfixturevalue(left_by)
    (data_dir / "postgres/postmaster.pid").write_text(f"{pid}\n{data_dir}/postgres\n1700000000\n5432\n\n\n\n")
    (data_dir / "keeper.json").write_text(f'{{"keeper_pid": {pid}}}')
    with embedded.start(data_dir) as held:
        assert knows(held.servers, "before") == (True, True)


@pytest.fixture
def by_hand(data_dir: Path, here: Any) -> Iterator[int]:
    """A PostgreSQL that somebody started over the folder without asking the keeper."""
    with tempfile.TemporaryDirectory(prefix="by-hand-") as sockets:
        words = [*disguise.prefix(data_dir, (here.postgres,)), here.postgres, "-D", data_dir / "postgres"]
        environment = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
        server = subprocess.Popen(
            [*words, "--listen_addresses=", "-k", sockets], stderr=subprocess.PIPE, env=environment
        )
        assert server.stderr is not None
        while b"ready to accept" not in (line := server.stderr.readline()):
            assert line, "the server started by hand ended"
        yield server.pid
        assert server.poll() is None, "it was ended by somebody else"
        server.terminate()
        server.communicate()


def test_a_server_started_by_hand_is_left_alone(data_dir: Path, by_hand: int) -> None:
    """Two servers over one cluster would destroy it."""
    with pytest.raises(ConfigurationError, match=f"started by hand .process {by_hand}.*pg_ctl stop -D"):
        embedded.start(data_dir)


def test_a_folder_that_is_removed_under_its_servers_leaves_nothing(
    data_dir: Path, launch: Launch, wait_ended: Callable[..., None]
) -> None:
    gateway = launch(data_dir)
    shutil.rmtree(data_dir)
    gateway.end()
    wait_ended(*gateway.pids.values())
    assert not gateway.sockets.exists()


def test_a_half_made_cluster_is_made_again(new_dir: Path) -> None:
    half = new_dir / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with embedded.start(new_dir) as held:
        assert held.alive()
    assert not half.exists()


def test_data_of_another_version_is_refused_by_name(data_dir: Path) -> None:
    (data_dir / "postgres/PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigurationError, match=r"made by PostgreSQL 17, .* GATEWAY_POSTGRES_BIN to version 17"):
        embedded.start(data_dir)


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    (data_dir / "postgres/global/pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(ConfigurationError, match=r"(?s)postgres does not start.*postgres\.log.*FATAL"):
        embedded.start(data_dir)
    assert embedded.running(data_dir) is None

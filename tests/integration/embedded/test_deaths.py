"""Whoever is killed: nothing is orphaned, nothing is lost, and the next start works."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway import embedded

Launch = Callable[..., Any]
Knows = Callable[..., tuple[bool, bool]]

SIGNALS = {"killed": signal.SIGKILL, "asked": signal.SIGTERM}


@pytest.mark.parametrize(
    ("victims", "how"),
    [
        pytest.param(["gateway"], "killed", id="gateway"),
        pytest.param(["keeper"], "killed", id="keeper"),
        pytest.param(["gateway", "keeper"], "killed", id="both"),
        pytest.param(["gateway", "keeper", "postgres", "valkey"], "killed", id="all"),
        pytest.param(["keeper"], "asked", id="keeper-by-sigterm"),
        pytest.param(["gateway"], "asked", id="gateway-by-sigterm"),
    ],
)
def test_the_next_start_finds_everything(
    data_dir: Path,
    launch: Launch,
    victims: list[str],
    how: str,
    knows: Knows,
    note: Callable[..., None],
    wait_ended: Callable[..., None],
) -> None:
    first = launch(data_dir)
    note(first.servers, "just before the end")
    for name in victims:
        os.kill(first.pids[name], SIGNALS[how])

    second = launch(data_dir)

    assert knows(second.servers, "just before the end") == (True, True)
    wait_ended(*(pid for name, pid in first.pids.items() if name != "gateway" or name in victims))
    assert not first.sockets.exists(), "sockets of dead servers are left in the temporary folder"


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_killed_server_comes_back_at_the_same_place(
    data_dir: Path, name: str, knows: Knows, note: Callable[..., None], wait_ended: Callable[..., None]
) -> None:
    with embedded.start(data_dir) as held:
        note(held.servers, "kept")
        killed = held.pid(name)
        os.kill(killed, signal.SIGKILL)
        wait_ended(killed)
        assert knows(held.servers, "kept") == (True, True)
        assert held.alive()


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_stopped_server_is_not_a_dead_one(
    data_dir: Path, name: str, knows: Knows, wait_ended: Callable[..., None]
) -> None:
    with embedded.start(data_dir) as held:
        other = "valkey" if name == "postgres" else "postgres"
        os.kill(held.pid(name), signal.SIGSTOP)
        # The keeper wakes for this death and sees the stopped one as well: it must leave that alone.
        before = held.pid(name)
        os.kill(held.pid(other), signal.SIGKILL)
        wait_ended(held.pid(other))
        os.kill(before, signal.SIGCONT)
        assert knows(held.servers, "before") == (True, True)
        assert held.pid(name) == before


def test_closing_wakes_a_stopped_server_so_that_it_can_end(data_dir: Path, wait_ended: Callable[..., None]) -> None:
    with embedded.start(data_dir) as held:
        pids = [held.pid("postgres"), held.pid("valkey")]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
    wait_ended(*pids)
    assert "database system is shut down" in (data_dir / "postgres.log").read_text().splitlines()[-1]


def test_a_stopped_server_of_a_killed_keeper_does_not_keep_the_folder(
    data_dir: Path, knows: Knows, wait_ended: Callable[..., None]
) -> None:
    first = embedded.start(data_dir)
    stuck = first.pid("postgres")
    os.kill(stuck, signal.SIGSTOP)
    os.kill(first.pid("keeper"), signal.SIGKILL)
    wait_ended(first.pid("keeper"))
    assert not first.alive(), "the gateway could not tell that its servers are gone"
    with embedded.start(data_dir) as second:
        wait_ended(stuck)
        assert knows(second.servers, "before") == (True, True)
    first.close()

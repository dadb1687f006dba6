"""Alive or not, by state."""

import os
import subprocess
from pathlib import Path

from gateway.embedded.processes import holders, lives, working_folder


def test_we_live_and_work_here() -> None:
    assert lives(os.getpid())
    assert working_folder(os.getpid()) == Path.cwd()


def test_a_zombie_neither_lives_nor_works() -> None:
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    os.kill(process.pid, 0)  # it is present
    assert not lives(process.pid)
    assert working_folder(process.pid) is None
    process.wait()
    assert not lives(process.pid)


def test_only_who_has_the_file_and_works_there_is_a_holder(tmp_path: Path) -> None:
    lock = tmp_path / "servers.lock"
    lock.touch()
    with lock.open() as file:
        ours = subprocess.Popen(["cat"], stdin=subprocess.PIPE, cwd=tmp_path, pass_fds=(file.fileno(),))
        backup = subprocess.Popen(["cat"], stdin=subprocess.PIPE, cwd="/", pass_fds=(file.fileno(),))
        person = subprocess.Popen(["cat"], stdin=subprocess.PIPE, cwd=tmp_path)
    assert holders(lock) == {ours.pid}
    for process in (ours, backup, person):
        process.communicate()

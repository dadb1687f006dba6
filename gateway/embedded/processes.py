"""What the kernel says of other processes, in `/proc` (proc(5)).

A process is judged by its state and its doings, never by the presence of its number: under a container's careless
PID 1 the dead stay listed as zombies, and numbers come round again.
"""

import os
from pathlib import Path

PROC = Path("/proc")


def lives(pid: int) -> bool:
    """False for a number that is nobody's, and for a zombie."""
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def working_folder(pid: int) -> Path | None:
    """Where a process works; None for one that is dead, a zombie, or not ours to look into."""
    try:
        return (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def holders(lock: Path) -> set[int]:
    """Processes that have this file open and work inside its folder: servers of ours, and nothing else.

    Both marks, because a backup may read the file and a person may have changed into the folder. Without us.
    """
    wanted = lock.stat()
    found = set()
    for process in PROC.glob("[0-9]*"):
        folder = working_folder(int(process.name))
        if folder is not None and folder.is_relative_to(lock.parent) and _has_open(process, wanted):
            found.add(int(process.name))
    return found - {os.getpid()}


def _has_open(process: Path, wanted: os.stat_result) -> bool:
    try:
        return any(os.path.samestat(file.stat(), wanted) for file in process.glob("fd/[0-9]*"))
    except OSError:
        return False

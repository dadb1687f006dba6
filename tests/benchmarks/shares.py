"""What stands between a gateway and its floor: the gateway under cProfile, its own CPU time by package.

The profiler slows everything, small functions most: the shares tell where to look, not what would be won.
"""

import os
import pstats
import signal
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

SHOWN_MAX = 16


def profiled(output: Path, program: Sequence[str]) -> list[str]:
    """The arguments of a Python that runs a program (`-m …`), to be profiled once `begin` says so."""
    return ["-m", "tests.benchmarks.profiled", str(output), *program[1:]]


def begin(pid: int) -> None:
    """What the process does from now on is the work."""
    os.kill(pid, signal.SIGUSR1)


def table(output: Path, work: str) -> Table:
    """Divide the time of a profiled process that has ended."""
    shares = _by_package(output)
    total = sum(shares.values())
    shown = Table("package", f"share of the own time of {work}", title="what stands between (cProfile)")
    for package, seconds in shares.most_common(SHOWN_MAX):
        shown.add_row(package, f"{seconds / total:.1%}")
    return shown


def _by_package(output: Path) -> Counter[str]:
    """Own seconds by package, three levels deep for ours."""
    shares: Counter[str] = Counter()
    for (file, _, function), (_, _, own_s, _, _) in pstats.Stats(str(output)).stats.items():  # type: ignore[attr-defined] # typeshed knows no `stats`
        shares[_package(file, function)] += own_s
    return shares


def _package(file: str, function: str) -> str:
    parts = Path(file).with_suffix("").parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    if "gateway" in parts:
        return ".".join(parts[parts.index("gateway") :][:3])
    if file == "~":
        return "sockets" if "write" in function or "send" in function else "built-in functions"
    return "standard library"

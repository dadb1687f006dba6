"""What stands between a hop and the floor: the gateway under cProfile, its own time by package.

The profiler slows everything, small functions most: the shares tell where to look, not what would be won.
"""

import asyncio
import pstats
from collections import Counter
from pathlib import Path

from rich.table import Table

from gateway.embedded import Servers
from tests.benchmarks import load
from tests.benchmarks.hops import dials
from tests.benchmarks.servers import PROGRAMS, process

HOPS = 16_000

CONNECTIONS = 64
SHOWN_MAX = 12
OF_THE_START = ("run_until_complete", "marshal", "compile", "posix.", "gc.", "exec", "import")
"""Built-in work of a process that starts or waits; a hop has none of it."""


def table(servers: Servers, home: Path) -> Table:
    """Run a load of dials against a profiled gateway and divide its time."""
    output = home / "hop.profile"
    profiled = ["-m", "cProfile", "-o", str(output), *PROGRAMS["gateway"]]
    with process(servers, home, "profiled", profiled) as server:
        asyncio.run(load.run(server.port, dials("p", HOPS), CONNECTIONS, lambda body: body.startswith(b"CON ")))
    shares = _by_package(output)
    total = sum(shares.values())
    shown = Table("package", "share of a dial's own time", title="what stands between (cProfile)")
    for package, seconds in shares.most_common(SHOWN_MAX):
        shown.add_row(package, f"{seconds / total:.1%}")
    return shown


def _by_package(output: Path) -> Counter[str]:
    """Own seconds by package, two levels deep for ours; start and end of the process are left out by their names."""
    shares: Counter[str] = Counter()
    for (file, _, function), (_, _, own_s, _, _) in pstats.Stats(str(output)).stats.items():  # type: ignore[attr-defined] # typeshed knows no `stats`
        if file.startswith("<frozen") or (file == "~" and any(word in function for word in OF_THE_START)):
            continue
        shares[_package(file, function)] += own_s
    return shares


def _package(file: str, function: str) -> str:
    parts = Path(file).with_suffix("").parts
    if "gateway" in parts:
        return ".".join(parts[parts.index("gateway") :][:2])
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    if file == "~":
        return "sockets" if "write" in function or "send" in function else "built-in functions"
    return "standard library"

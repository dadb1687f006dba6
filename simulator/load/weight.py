"""What our own process takes: memory now, and CPU so far. A load generator that starves measures itself."""

import os
import resource
import sys
from pathlib import Path

from simulator.load.clients import Weight

_STATM = Path("/proc/self/statm")


def own_weight() -> Weight:
    """Memory is what is resident now; where the system does not say, the most that it has been."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = used.ru_utime + used.ru_stime
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        return Weight(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024), cpu_s)
    return Weight(pages * os.sysconf("SC_PAGE_SIZE"), cpu_s)


def allow_files(wanted: int) -> int:
    """Let this process open so many files, each connection being one; how many it may open then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted, soft)

"""The report. Ratios of one run, since the machine is shared: operations per CPU-second of what serves them.

python -m tests.benchmarks [ussd] [sms] [ledger]   # all unless told; SHORT=1 for the short form
"""

import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from gateway import embedded
from tests.benchmarks import ledger, sms, ussd
from tests.benchmarks.servers import prepare

PARTS = {"ussd": ussd.run, "sms": sms.run, "ledger": ledger.run}
WIDTH = 120


def main(wanted: list[str]) -> None:
    """Measure the parts that are wanted, one after the other, over the same servers."""
    if unknown := [name for name in wanted if name not in PARTS]:
        sys.exit(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with embedded.start(home / "data") as running:
            prepare(running.servers)
            for name in wanted or PARTS:
                PARTS[name](Console(width=WIDTH), running, home)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main(sys.argv[1:])

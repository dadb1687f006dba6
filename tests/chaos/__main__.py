"""`make chaos`: seeded faults over two gateways, two SMSCs, their stores and a billing, one run after another.

python -m tests.chaos [--seed N] [--runs N] [--seconds S]    # exit 1 when any run has a breach
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter

from rich.console import Console

WIDTH = 160


def main() -> int:
    """Run, print a line for each run, and the whole story of each that failed."""
    parser = argparse.ArgumentParser(prog="make chaos", description="Seeded faults over several processes.")
    parser.add_argument("--seed", type=int, default=1, help="the first run's seed; the next has the next")
    parser.add_argument("--runs", type=int, default=1, help="how many seeds")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long load and faults last")
    wanted = parser.parse_args()
    os.environ.setdefault("TEST_LOGS", tempfile.mkdtemp(prefix="chaos-logs-"))
    # Not before: the processes' logs go where that says.
    from tests.chaos.run import run

    out = Console(width=WIDTH, highlight=False, markup=False, soft_wrap=True)
    out.print(f"logs of all processes: {os.environ['TEST_LOGS']}")
    kinds, counts, failed = Counter[str](), Counter[str](), []
    for seed in range(wanted.seed, wanted.seed + wanted.runs):
        report = asyncio.run(run(seed, wanted.seconds))
        out.print(report.failure if report.breaches else report.line)
        kinds.update(report.kinds)
        counts.update(report.counts)
        failed += [seed] if report.breaches else []
    out.print(f"\n{wanted.runs} runs, {len(failed)} failed{': seeds ' + ', '.join(map(str, failed)) if failed else ''}")
    out.print("all together: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    out.print("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())

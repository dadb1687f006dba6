"""A program under cProfile from the moment that somebody says so (SIGUSR1) until it ends: its start is not the work.

python -m tests.benchmarks.profiled OUTPUT MODULE ARGUMENT…

Counts the process's CPU time, not the clock's: a loop that waits would be charged to whichever function waits.
"""

import cProfile
import runpy
import signal
import sys
import time


def main(output: str, module: str) -> None:
    """Run the module as `python -m` does."""
    profile = cProfile.Profile(time.process_time)
    signal.signal(signal.SIGUSR1, lambda *_: profile.enable())
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        profile.disable()
        profile.dump_stats(output)


if __name__ == "__main__":
    _, output, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    main(output, module)

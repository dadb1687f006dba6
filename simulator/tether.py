"""`python -m simulator.tether PARENT_PID PROGRAM ARGUMENT…`: become a program that stops when its parent dies.

The parent may be killed with -9 and gets no chance to tidy up; on Linux the kernel then sends the program SIGTERM
(prctl(2), PR_SET_PDEATHSIG, which an exec keeps). Elsewhere there is no such thing, and the program would stay.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent, then become the program."""
    parent, program = int(arguments[0]), arguments[1:]
    if sys.platform == "linux" and ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it died before the tie was made
        sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])

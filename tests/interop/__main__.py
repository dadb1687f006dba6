"""`python -m tests.interop`: see that the peers are here; install those that are missing where that may be done.

It installs for root where there is apt-get, and says so. Kannel's package brings a service with Debian's own
configuration: nobody starts it, neither now (Debian asks policy-rc.d, which says no while this runs) nor at the next
boot. Where nothing can be installed it says what to install, and fails.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.interop.peers import INSTALL, KANNEL, advice, missing

POLICY = Path("/usr/sbin/policy-rc.d")
NO_SERVICE = "#!/bin/sh\nexit 101\n"  # "action forbidden by policy"


def main() -> None:
    """Install what is missing, or say how."""
    packages = missing()
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(advice(packages))
    sys.stdout.write(f"Installing Debian's {', '.join(packages)}; no service of theirs is started ...\n")
    sys.stdout.flush()
    with _no_service():
        _install(packages)
    if KANNEL in packages:
        subprocess.run(["update-rc.d", KANNEL, "disable"], check=True)
    missing.cache_clear()
    if left := missing():
        sys.exit(f"{', '.join(left)}: installed, and not found all the same")


def _install(packages: Sequence[str]) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], [*INSTALL, *packages]):
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(f"`{' '.join(command)}` failed: {done.stdout.strip()[-1000:]}")


@contextmanager
def _no_service() -> Iterator[None]:
    """While it lasts, no package starts its service. A policy that the machine has already is left as it is."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text(NO_SERVICE, encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


if __name__ == "__main__":
    main()

"""A gateway reduced to what matters here: it asks for its servers, says where they are, and lives until told.

Run as `gateway_process.py DATA_DIR POSTGRES VALKEY`; ends when its standard input closes.
"""

import json
import sys
from pathlib import Path

from gateway import embedded
from gateway.errors import ConfigurationError


def main() -> None:
    data_dir, postgres, valkey = map(Path, sys.argv[1:])
    try:
        with embedded.start(data_dir, postgres_bin=postgres, valkey_bin=valkey) as held:
            pids = {name: held.pid(name) for name in ("keeper", "postgres", "valkey")}
            say(postgres_url=held.servers.postgres_url, redis_url=held.servers.redis_url, pids=pids)
            sys.stdin.read()
    except ConfigurationError as fault:
        say(fault=str(fault))


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


main()

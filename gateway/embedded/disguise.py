"""How to be an ordinary, named user: PostgreSQL refuses root, and its `initdb` refuses a uid without a name.

Decides which prefix makes the keeper such a user; refuses to change anybody's files. Tried in this order:

1. as we are;
2. in a user namespace of our own: the files stay ours, so a private home is no obstacle. Containers often forbid it;
3. as `nobody`, with the one capability to walk through folders that are private to root. Needs root.
"""

import os
import pwd
import subprocess
import sys
from pathlib import Path

from gateway.embedded.folder import POSTGRES_FOLDER
from gateway.errors import ConfigurationError

NOBODY = 65534  # has a name on every Linux distribution, and owns no files
TRY_MAX_S = 10.0

AS_WE_ARE: tuple[str, ...] = ()
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", "--")
OTHER_USER = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--",
)

# Asked as that user, by its effective rights: `test -w` asks by the real ones, and so overlooks the capability.
# An owner from outside the namespace looks like `nobody` inside it, yet may not write: hence both questions.
QUESTION = f"""
import os, sys
folder, *programs = sys.argv[1:]
postgres = os.path.join(folder, "{POSTGRES_FOLDER}")
def may(path, how): return os.access(path, how, effective_ids=True)
def owns(path): return os.stat(path).st_uid == os.geteuid() and may(path, os.W_OK)
good = may(folder, os.W_OK) and all(may(program, os.X_OK) for program in programs)
sys.exit(not (good and (owns(postgres) if os.path.exists(postgres) else True)))
"""


def prefix(data_dir: Path, programs: tuple[Path, ...]) -> tuple[str, ...]:
    """The words to put before the keeper's command line. Raises `ConfigurationError` when none will do."""
    for words in _candidates():
        if _works(words, data_dir, programs):
            return words
    raise ConfigurationError(_why_none(data_dir))


def _candidates() -> tuple[tuple[str, ...], ...]:
    if os.geteuid() == 0:
        return (NAMESPACE, OTHER_USER)
    return (AS_WE_ARE,) if _has_name() else (NAMESPACE,)


def _has_name() -> bool:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def _works(words: tuple[str, ...], data_dir: Path, programs: tuple[Path, ...]) -> bool:
    """May that user run the programs, write the folder, and does it own the database, if there is one already?"""
    question = [sys.executable, "-I", "-S", "-c", QUESTION, str(data_dir), *map(str, programs)]
    try:
        answer = subprocess.run([*words, *question], capture_output=True, timeout=TRY_MAX_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _why_none(data_dir: Path) -> str:
    uid = os.geteuid()
    postgres = data_dir / POSTGRES_FOLDER
    if postgres.exists() and postgres.stat().st_uid not in (uid, NOBODY if uid == 0 else uid):
        fault = f"{postgres} belongs to uid {postgres.stat().st_uid}, and this is uid {uid}"
    elif uid == 0:
        fault = f"PostgreSQL does not run as root, and neither `unshare` nor `setpriv` gave it a user for {data_dir}"
    elif not _has_name():
        fault = f"uid {uid} has no passwd entry, which initdb insists on, and `unshare --user` is not allowed here"
    else:
        fault = f"uid {uid} may not write {data_dir}"
    return (
        f"{fault}: run as an ordinary user who owns the folder, or set GATEWAY_DATA_DIR to another one, "
        f"or set GATEWAY_DATABASE_URL and GATEWAY_REDIS_URL to running servers"
    )

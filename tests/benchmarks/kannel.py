"""The peer: Kannel's bearerbox and smsbox over the same SMPP, as text service and as HTTP service.

What it does less: it looks nothing up, and its store is written without fsync. Its text services write GSM 03.38 only,
half the octets. It leaves Nagle's algorithm on between its processes, so that a text takes some 45 ms at least, however
few there are: its rate is what is outstanding by that, until a CPU is full. Nothing of it is installed from here.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import texts
from tests.benchmarks.servers import child, log_of, wait_for
from tests.live.processes import free_port

PROGRAMS = ("bearerbox", "smsbox")
MISSING = "Kannel: not installed (Debian's package kannel); nothing to compare with"

TEXT_SERVICE = f'text = "{texts.REPLY_IN_GSM}"'
HTTP_SERVICE = 'get-url = "http://127.0.0.1:{port}/?from=%p&text=%a"\naccept-x-kannel-headers = true'

CONFIGURATION = """
group = core
admin-port = {admin_port}
admin-password = bench
smsbox-port = {smsbox_port}
store-type = file
store-location = {home}/kannel.store
log-level = 3

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = {smsc_port}
transceiver-mode = true
smsc-username = kannel
smsc-password = kannel
system-type = bench
max-pending-submits = {window}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms_port}
mo-recode = true
log-level = 3

group = sms-service
keyword = {keyword}
{service}
max-messages = 1

group = sms-service
keyword = default
max-messages = 0
text = ""
"""


def missing() -> bool:
    """Whether this machine has no Kannel."""
    return not all(shutil.which(program) for program in PROGRAMS)


@contextmanager
def running(home: Path, smsc_port: int, window: int, service: str) -> Iterator[tuple[int, ...]]:
    """Kannel as an ESME of the SMSC on that port, in a folder of its own; its processes."""
    home.mkdir()
    configuration = home / "kannel.conf"
    ports = {name: free_port() for name in ("admin_port", "smsbox_port", "sendsms_port")}
    written = CONFIGURATION.format(
        home=home, smsc_port=smsc_port, window=window, keyword=texts.KEYWORD, service=service, **ports
    )
    configuration.write_text(written, encoding="utf-8")
    with child(home, "bearerbox", ["bearerbox", str(configuration)], os.environ) as bearerbox:
        wait_for("bearerbox", ports["smsbox_port"], log_of(home, "bearerbox"))
        with child(home, "smsbox", ["smsbox", str(configuration)], os.environ) as smsbox:
            wait_for("smsbox", ports["sendsms_port"], log_of(home, "smsbox"))
            yield bearerbox, smsbox

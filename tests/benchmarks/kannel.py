"""The peer: Kannel's bearerbox and smsbox over the same SMPP, as text service and as HTTP service.

What it does less: it looks nothing up, and its store is written without fsync. Its text services write GSM 03.38 only,
half the octets. It leaves Nagle's algorithm on between its processes, so that a text takes some 45 ms at least, however
few there are: its rate is what is outstanding by that, until a CPU is full. Nothing of it is installed from here.
"""

from pathlib import Path

from tests.benchmarks import texts
from tests.live import kannel
from tests.live.kannel import Group, Kannel

MISSING = "Kannel: not installed (Debian's package kannel); nothing to compare with"

SERVICE: Group = {"group": "sms-service", "keyword": texts.KEYWORD, "max-messages": 1}
TEXT_SERVICE: Group = {**SERVICE, "text": texts.REPLY_IN_GSM}
NOTHING_ELSE: Group = {"group": "sms-service", "keyword": "default", "max-messages": 0, "text": ""}


def http_service(port: int) -> Group:
    """The service that asks an application on that port."""
    return {**SERVICE, "get-url": f"http://127.0.0.1:{port}/?from=%p&text=%a", "accept-x-kannel-headers": True}


def bound(home: Path, smsc_port: int, window: int, service: Group) -> Kannel:
    """Kannel as an ESME of the SMSC on that port, in a folder of its own."""
    home.mkdir()
    return Kannel(home, kannel.transceiver(smsc_port, {"max-pending-submits": window}), [service, NOTHING_ELSE])

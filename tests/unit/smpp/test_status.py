"""What each status does to the message that got it."""

import pytest
from smpplib import consts

from gateway.smpp.pdu.status import Status, Verdict, described, verdict


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        pytest.param(0x00, Verdict.OK, id="taken"),
        pytest.param(0x08, Verdict.RETRY, id="system error"),
        pytest.param(0x14, Verdict.RETRY, id="queue full"),
        pytest.param(0x58, Verdict.THROTTLE, id="throttled"),
        pytest.param(0x64, Verdict.RETRY, id="receiver: not now"),
        pytest.param(0x65, Verdict.DESTINATION_BAD, id="receiver: never again to that number"),
        pytest.param(0x66, Verdict.MESSAGE_BAD, id="receiver: not this one"),
        pytest.param(0x0B, Verdict.DESTINATION_BAD, id="no such number"),
        pytest.param(0x0E, Verdict.CONFIGURATION, id="wrong password"),
        pytest.param(0x102, Verdict.RETRY, id="5.0: service away"),
        pytest.param(0x400, Verdict.RETRY, id="a vendor's own"),
        pytest.param(0xFFFFFFFF, Verdict.RETRY, id="nobody's"),
    ],
)
def test_verdict(status: int, meant: Verdict) -> None:
    assert verdict(status) is meant


def test_every_status_that_an_independent_library_names_is_known_by_the_same_name() -> None:
    theirs = {
        name.removeprefix("SMPP_ESME_"): value for name, value in vars(consts).items() if name.startswith("SMPP_ESME_")
    }
    ours = {status.name: status.value for status in Status if status < 0x100}
    assert ours == theirs


def test_a_status_can_be_read_by_people() -> None:
    assert described(0x58) == "0x58 RTHROTTLED: faster than this account may"
    assert described(0x45A) == "0x45A, not standard"

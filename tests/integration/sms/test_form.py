"""What an operator's form asks is what leaves on the wire: a gateway whose links stand in a file."""

from pathlib import Path

import pytest

from gateway.smpp.links import parse
from gateway.smpp.pdu import codec
from gateway.smpp.pdu.messages import Address, Bind, SubmitSm
from tests.integration.sms.scene import Scene

pytestmark = pytest.mark.anyio

FORM = """\
smscs:
  test:
    profile: sinch
    system_id: test
    password: ${SMSC_PASSWORD}
    host: 127.0.0.1
    port: %d
    bind: pair
    system_type: SMPP
    address_range: "^6111$"
    address_range_ton: 3
    address_range_npi: 9
    dest_ton: 2
    dest_npi: 8
    service_type: CMT
    priority_flag: 1
    protocol_id: 64
    receipts: false
    validity: %s
"""


@pytest.mark.parametrize("validity", [True, False])
async def test_every_field_that_it_has(stage: Scene, tmp_path: Path, *, validity: bool) -> None:
    file = tmp_path / "smpp.yaml"
    file.write_text(FORM % (stage.port, str(validity).lower()), encoding="utf-8")
    async with stage.linked(parse(str(file), {"SMSC_PASSWORD": "s3cret"})):
        stage.text("Баланс")
        await stage.answered(1)
        heard = [codec.decode(seen.octets) for seen in stage.centre.trace.after(0, None) if seen.way == "in"]
    binds = [pdu for pdu in heard if isinstance(pdu, Bind)]
    assert {(bind.system_id, bind.system_type, bind.address_range) for bind in binds} == {
        ("test", "SMPP", Address("^6111$", 3, 9))
    }
    (sent,) = [pdu for pdu in heard if isinstance(pdu, SubmitSm)]
    assert (sent.source, sent.destination.ton, sent.destination.npi) == (Address("6111", 0, 1), 2, 8)
    assert (sent.service_type, sent.priority_flag, sent.protocol_id) == ("CMT", 1, 64)
    assert sent.registered_delivery == 0
    assert (sent.validity_period != "") is validity

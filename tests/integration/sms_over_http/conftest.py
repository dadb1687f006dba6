"""A scene for each test and each dialect: a database and an SMS gateway of its own."""

from collections.abc import Iterator

import pytest

from gateway.pack import Pack
from gateway.sms.dialects import names
from gateway.store.ledger import Ledger
from tests.integration.sms_over_http.scene import USUAL, Scene
from tests.live.sms_gateway import SmsGateway


@pytest.fixture(params=names())
def stage(request: pytest.FixtureRequest, ledger: Ledger, database_url: str, pack: Pack) -> Iterator[Scene]:
    with SmsGateway(USUAL[request.param]) as peer:
        yield Scene(peer, request.param, ledger, database_url, pack)

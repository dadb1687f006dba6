"""Our gateway behind Kannel, by the conventions of its smsbox: a phone texts, is answered, and the receipt settles it.

A real Kannel between `simulator smsc` and `gateway serve`, configured as docs/settings.md says.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.integration.smsc.peers import Smsc
from tests.interop import peers
from tests.live import kannel
from tests.live.kannel import Group, Kannel
from tests.live.network import new_number
from tests.live.processes import Gateway, frozen

SECRET = "f3c7"
USER, PASSWORD = "bolshe", "s3cret+&"
LONG = "Расскажите, пожалуйста, сколько у меня баллов и что на них можно получить? " * 3


def get_service(url: str) -> Group:
    """Everything in the query."""
    return {"get-url": f"{url}/sms/kannel/{SECRET}?id=%I&from=%p&to=%P&charset=%C&text=%b"}


def post_service(url: str) -> Group:
    """Numbers in headers and the text in the body: nothing of a subscriber in the URL."""
    return {"post-url": f"{url}/sms/kannel/{SECRET}?id=%I", "send-sender": True}


SERVICE: Group = {"group": "sms-service", "keyword": "default", "catch-all": True, "max-messages": 0}
SENDER: Group = {
    "group": "sendsms-user",
    "username": USER,
    "password": PASSWORD,
    "max-messages": 10,
    "concatenation": True,
}
MATCHED = 'sms_receipts_total{how="matched"}'
AGAIN: Group = {"http-request-retry": 1000, "http-queue-delay": 1}


class Behind:
    """A gateway behind a Kannel, and what its metrics say."""

    def __init__(self, gateway: Gateway, kannel: Kannel) -> None:
        self.gateway, self.kannel = gateway, kannel

    def start(self) -> None:
        """Start the gateway, or start it again."""
        account = f"{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.kannel.sendsms_port}"
        receipts = f"{self.gateway.url}/sms/kannel/receipts/{SECRET}"
        self.gateway.start(GATEWAY_SMS=f"kannel://{account}?smsc=kannel&receipts_url={receipts}")
        self.gateway.until_ready()

    def count(self, line: str) -> float:
        """A counter of /metrics; 0 before it has counted."""
        text = httpx.get(f"{self.gateway.url}/metrics", trust_env=False).text
        return sum(float(each.rpartition(" ")[2]) for each in text.splitlines() if each.startswith(line))


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((get_service, {}), id="get-url"),
        pytest.param((get_service, {"mo-recode": False}), id="get-url, UCS-2 as it came"),
        pytest.param((post_service, {"mo-recode": False}), id="post-url"),
    ],
)
def behind(request: pytest.FixtureRequest, running: Smsc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    peers.require(peers.KANNEL)
    service, smsbox = request.param
    with Gateway(tmp_path_factory.mktemp("gateway"), {"GATEWAY_SMS_KANNEL_SECRET": SECRET}) as gateway:
        services = [{**SERVICE, **service(gateway.url)}, SENDER]
        links = kannel.transceiver(running.port, {"reconnect-delay": 1})
        with Kannel(tmp_path_factory.mktemp("kannel"), links, services, smsbox={**AGAIN, **smsbox}) as peer:
            found = Behind(gateway, peer)
            found.start()
            running.until(lambda: running.states() == ["bound_trx"], "Kannel is bound")
            yield found


def shown(smsc: Smsc, msisdn: str) -> Sequence[Any]:
    texts: Sequence[Any] = smsc.get("/inbox", msisdn=msisdn)["texts"]
    return texts


def test_a_text_is_answered_in_russian_and_its_receipt_settles_it(smsc: Smsc, behind: Behind) -> None:
    settled = behind.count(MATCHED)
    msisdn = new_number()
    smsc.post("/mo", msisdn=msisdn, to="6111", text="Баланс")
    smsc.until(lambda: shown(smsc, msisdn) != [], "answered")
    (text,) = shown(smsc, msisdn)
    assert (text["source"], text["data_coding"]) == ("6111", 8)
    assert text["text"].startswith("У вас 0 баллов")
    smsc.until(lambda: behind.count(MATCHED) == settled + 1, "the receipt is matched")


def test_its_callbacks_are_described(behind: Behind) -> None:
    described = httpx.get(f"{behind.gateway.url}/openapi.json", trust_env=False).json()["paths"]
    assert described["/sms/kannel"]["get"]["tags"] == described["/sms/kannel/receipts"]["get"]["tags"] == ["sms"]


def test_a_long_text_comes_as_one_and_a_long_answer_goes_as_one(smsc: Smsc, behind: Behind) -> None:
    settled = behind.count(MATCHED)
    msisdn = new_number()
    assert len(smsc.post("/mo", msisdn=msisdn, to="6111", text=LONG)["deliveries"]) > 1
    smsc.until(lambda: shown(smsc, msisdn) != [], "answered with help")
    (text,) = shown(smsc, msisdn)
    assert "Баланс" in text["text"]
    smsc.post("/mo", msisdn=msisdn, to="9373", text="Подарки")
    smsc.until(lambda: len(shown(smsc, msisdn)) == 2, "answered with all there is")
    _, rewards = shown(smsc, msisdn)
    assert rewards["parts"] > 1
    smsc.until(lambda: behind.count(MATCHED) == settled + 2, "one receipt for each, whatever its parts")


def test_signs_that_urls_and_alphabets_trip_over(smsc: Smsc, behind: Behind) -> None:
    """Nothing of them is a keyword: help, and in the language that was texted."""
    msisdn = new_number()
    smsc.post("/mo", msisdn=msisdn, to="6111", text="Balance & 100% + [€] = ?")
    smsc.until(lambda: shown(smsc, msisdn) != [], "answered")
    assert len(shown(smsc, msisdn)) == 1


def test_a_gateway_that_was_down_takes_what_kannel_kept(smsc: Smsc, behind: Behind) -> None:
    msisdn = new_number()
    behind.gateway.kill()
    smsc.post("/mo", msisdn=msisdn, to="6111", text="Баланс")
    smsc.until(lambda: smsc.get("/state")["deliveries"]["sent"] == 0, "Kannel has the text")
    behind.start()
    smsc.until(lambda: shown(smsc, msisdn) != [], "answered")
    assert len(shown(smsc, msisdn)) == 1


def test_a_kannel_that_hangs_is_waited_for(smsc: Smsc, behind: Behind) -> None:
    """Its bearerbox stands still: what was texted before is answered once it goes on."""
    msisdn = new_number()
    with frozen(behind.kannel.pids[0]):
        smsc.post("/mo", msisdn=msisdn, to="6111", text="Balance")
    smsc.until(lambda: shown(smsc, msisdn) != [], "answered")

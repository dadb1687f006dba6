"""Perl's Net::SMPP against both of our ends: as an ESME bound to `simulator smsc`, as an SMSC for `gateway serve`.

A codec that shares nothing with ours, and an end of a connection that waits for each answer.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.outbox import MessageState
from gateway.store.outbox_view import listed
from gateway.store.schema import Keys
from tests.conftest import CODE_KEY, NUMBER_KEYS
from tests.integration.smsc.peers import Smsc
from tests.interop import peers
from tests.interop.net_smpp import SMSC, Esme
from tests.live.network import new_number
from tests.live.nursery import end
from tests.live.processes import Gateway
from tests.live.theirs import Theirs
from tests.live.waiting import until

RECEIPT = 0x04
UCS2 = 8
RECEIPTED_MESSAGE_ID, MESSAGE_STATE = "30", "1063"
"""Tags, as Perl writes them."""


@pytest.fixture(autouse=True)
def net_smpp() -> None:
    peers.require(peers.NET_SMPP)


class TestAsEsme:
    """Bound to our SMSC."""

    @pytest.fixture
    def esme(self, smsc: Smsc, tmp_path: Path) -> Iterator[Esme]:
        with Esme(smsc.port, "perl", tmp_path) as bound:
            yield bound
        smsc.until(lambda: smsc.states() == [], "it is gone")

    def submit(self, esme: Esme, msisdn: str, octets: bytes, data_coding: int = 0, **fields: object) -> str:
        """A message is taken; its id."""
        taken = esme.ask(
            "submit_sm", source_addr_ton=3, source_addr="6111", dest_addr_ton=1, dest_addr_npi=1,
            destination_addr=msisdn.removeprefix("+"), short_message=octets.hex(), data_coding=data_coding, **fields,
        )  # fmt: skip
        assert taken["status"] == 0
        return str(taken["message_id"])

    def test_it_is_bound_and_says_goodbye(self, smsc: Smsc, esme: Esme) -> None:
        assert (esme.bound["status"], esme.bound["system_id"]) == (0, "simulator")
        assert smsc.states() == ["bound_trx"]
        assert esme.ask("enquire_link")["status"] == 0
        assert esme.ask("unbind")["status"] == 0
        smsc.until(lambda: smsc.states() == [], "it has left")

    @pytest.mark.parametrize(
        ("octets", "data_coding", "text"),
        [
            pytest.param("Баланс: 500 баллов 👍".encode("utf-16-be"), UCS2, "Баланс: 500 баллов 👍", id="UCS-2"),
            pytest.param(b"Balance: 500 (5 \x1be)", 0, "Balance: 500 (5 €)", id="GSM 7-bit"),
        ],
    )
    def test_a_message_is_read_and_receipted(
        self, smsc: Smsc, esme: Esme, octets: bytes, data_coding: int, text: str
    ) -> None:
        msisdn = new_number()
        message_id = self.submit(esme, msisdn, octets, data_coding, registered_delivery=1)
        assert smsc.texts(msisdn) == [text]
        receipt = esme.read()
        assert receipt["esm_class"] == RECEIPT
        assert receipt[RECEIPTED_MESSAGE_ID] == (message_id.encode() + b"\0").hex()
        assert receipt[MESSAGE_STATE] == "02"
        assert bytes.fromhex(receipt["short_message"]).startswith(f"id:{message_id} ".encode())
        smsc.until(lambda: smsc.get("/state")["deliveries"]["sent"] == 0, "acknowledged")

    def test_a_message_in_its_other_forms(self, smsc: Smsc, esme: Esme) -> None:
        """data_sm, and message_payload that is longer than a short_message may be; and what became of the second."""
        msisdn = new_number()
        to = msisdn.removeprefix("+")
        octets = ("Ваш баланс " * 40).encode("utf-16-be")
        first = esme.ask("data_sm", source_addr="6111", destination_addr=to, message_payload=b"OK".hex())
        whole = esme.ask(
            "submit_sm", source_addr="6111", destination_addr=to, data_coding=UCS2, message_payload=octets.hex()
        )
        assert (first["status"], whole["status"]) == (0, 0)
        assert smsc.texts(msisdn) == ["OK", "Ваш баланс " * 40]

        def state() -> object:
            return esme.ask("query_sm", message_id=whole["message_id"])["message_state"]

        smsc.until(lambda: state() == 2, "delivered")
        assert esme.ask("cancel_sm", message_id=whole["message_id"])["status"] == 0x11

    @pytest.mark.parametrize("text", ["Баланс", "Balance"])
    def test_a_subscriber_texts_and_is_answered(self, smsc: Smsc, esme: Esme, text: str) -> None:
        msisdn = new_number()
        (number,) = smsc.post("/mo", msisdn=msisdn, to="6111", text=text)["deliveries"]
        came = esme.read()
        assert (came["source_addr"], came["source_addr_ton"], came["source_addr_npi"]) == (msisdn[1:], 1, 1)
        assert (came["destination_addr"], came["dest_addr_ton"], came["dest_addr_npi"]) == ("6111", 3, 0)
        octets = bytes.fromhex(came["short_message"])
        assert octets.decode("utf-16-be" if came["data_coding"] == UCS2 else "ascii") == text
        smsc.until(lambda: smsc.delivery(number)["fate"] == "acknowledged", "its deliver_sm_resp is one")
        self.submit(esme, msisdn, octets, came["data_coding"])
        assert smsc.texts(msisdn) == [text]

    def test_what_it_refuses_for_now_comes_again(self, smsc: Smsc, esme: Esme) -> None:
        smsc.faults(delivery_retry_s=0.1)
        esme.answer_with(0x64)
        (number,) = smsc.post("/mo", msisdn=new_number(), to="6111", text="Баланс")["deliveries"]
        first = esme.read()
        esme.answer_with(0)
        assert esme.read()["short_message"] == first["short_message"]
        smsc.until(lambda: smsc.delivery(number)["fate"] == "acknowledged", "the second time")

    def test_the_smsc_asks_and_is_answered(self, smsc: Smsc, esme: Esme) -> None:
        smsc.faults(enquire_s=0.1)
        assert esme.read()["cmd"] == 0x15
        assert esme.read()["cmd"] == 0x15, "it was answered, or the line would have dropped"


@pytest.mark.anyio
async def test_the_gateway_answers_a_text_of_another_smsc(database_url: str, redis_url: str, tmp_path: Path) -> None:
    """`gateway serve`, with the balance of somebody whom it did not know, his receipt, its questions and its goodbye.

    The id is hex in the answer and decimal in the receipt, whose text Net::SMPP sends beside the parameters.
    """
    msisdn = new_number()
    theirs = Theirs(tmp_path, msisdn, SMSC)
    settings = {
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_REDIS_URL": redis_url,
        "GATEWAY_NUMBER_KEYS": NUMBER_KEYS,
        "GATEWAY_CODE_KEY": CODE_KEY,
        "GATEWAY_SMPP": f"smpp://gateway:pass@127.0.0.1:{theirs.port}?enquire_s=1",
    }

    async def delivered() -> bool:
        keys = Keys.parse(NUMBER_KEYS, CODE_KEY).numbers
        return len(await listed(database_url, keys, [MessageState.DELIVERED], 10, doubtful=False)) == 1

    async def asked() -> bool:
        return bool(theirs.said("enquired"))

    try:
        with Gateway(tmp_path, settings) as gateway:
            gateway.start()
            await until(delivered, "the answer is delivered, as its receipt says")
            await until(asked, "a quiet line is asked")
        (bound,) = theirs.said("bound")
        assert (bound["system_id"], bound["interface_version"]) == ("gateway", 0x34)
        (seen,) = theirs.said("submit")
        assert (seen["source"], seen["destination"]) == (["6111", 3, 0], [msisdn.removeprefix("+"), 1, 1])
        assert seen["data_coding"] == UCS2
        assert bytes.fromhex(seen["octets"]).decode("utf-16-be").startswith("У вас 0 баллов")
        assert [each["status"] for each in theirs.said("text")] == [0]
        assert [each["status"] for each in theirs.said("receipt")] == [0]
        assert len(theirs.said("unbound")) == 1
        assert theirs.said("other") == []
    finally:
        end(theirs.process)

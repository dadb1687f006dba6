"""Kannel bound to `simulator smsc`: it receives what subscribers text, answers, and gets its receipts."""

from collections.abc import Iterator, Sequence

import pytest

from tests.integration.smsc.peers import Smsc
from tests.interop import peers
from tests.interop.service import ACCEPTED, BUFFERED, DELIVERED, FAILED, Service, echo
from tests.live import kannel
from tests.live.kannel import Group, Kannel
from tests.live.network import new_number

QUICK: Group = {"reconnect-delay": 1}
ONE = ["bound_trx"]
TWO = ["bound_rx", "bound_tx"]
LONG = ("Где мой подарок? " * 40).strip()  # Kannel leaves blanks at the end away


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((kannel.transceiver, ONE), id="transceiver"),
        pytest.param((kannel.pair, TWO), id="transmitter and receiver"),
    ],
)
def peer(
    request: pytest.FixtureRequest, running: Smsc, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kannel]:
    peers.require(peers.KANNEL)
    links, states = request.param
    with Kannel(tmp_path_factory.mktemp("kannel"), links(running.port, QUICK), [service.group()]) as up:
        running.until(lambda: running.states() == states, f"Kannel is {states}")
        yield up


@pytest.mark.usefixtures("peer")
class TestBound:
    """However it is bound."""

    @pytest.mark.parametrize(
        ("text", "data_coding"),
        [
            pytest.param("Баланс", 8, id="Russian"),
            pytest.param("Balance [5 €] ~{x}", 0, id="Latin, with signs that take two septets"),
        ],
    )
    def test_a_text_is_answered_and_its_receipt_comes(
        self, smsc: Smsc, service: Service, text: str, data_coding: int
    ) -> None:
        msisdn = new_number()
        smsc.post("/mo", msisdn=msisdn, to="6111", text=text)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "taken by the SMSC, then on the phone")
        (asked,) = [asked for asked in service.asked if asked.msisdn == msisdn]
        assert (asked.to, asked.text) == ("6111", text)
        (shown,) = smsc.get("/inbox", msisdn=msisdn)["texts"]
        assert (shown["source"], shown["text"], shown["data_coding"]) == ("6111", echo(text), data_coding)
        (message_id,) = shown["message_ids"]
        assert service.told(msisdn) == [(ACCEPTED, message_id), (DELIVERED, message_id)]

    def test_a_long_text_and_a_long_answer_are_one_at_each_end(self, smsc: Smsc, service: Service) -> None:
        """Eleven parts each way. Kannel asks for the receipt of one of its parts, which stands for all of them."""
        msisdn = new_number()
        assert len(smsc.post("/mo", msisdn=msisdn, to="6111", text=LONG)["deliveries"]) == 11
        smsc.until(lambda: len(service.told(msisdn)) == 2, "taken by the SMSC, then on the phone")
        assert service.texts(msisdn) == [LONG]
        (shown,) = smsc.get("/inbox", msisdn=msisdn)["texts"]
        assert (shown["text"], shown["parts"]) == (echo(LONG), 11)
        (receipted,) = {message_id for _, message_id in service.told(msisdn)}
        assert receipted in shown["message_ids"]

    @pytest.mark.parametrize("receipt_tlvs", [True, False], ids=["with parameters", "text alone"])
    @pytest.mark.parametrize(
        ("final", "kind"),
        [
            pytest.param("DELIVRD", DELIVERED, id="delivered"),
            pytest.param("UNDELIV", FAILED, id="undeliverable"),
            pytest.param("DELETED", FAILED, id="deleted"),
            pytest.param("REJECTD", FAILED, id="rejected"),
            pytest.param("ACCEPTD", BUFFERED, id="accepted"),
        ],
    )
    def test_a_receipt_says_how_it_ended(
        self, smsc: Smsc, service: Service, final: str, kind: int, receipt_tlvs: bool
    ) -> None:
        smsc.faults(final=final, receipt_tlvs=receipt_tlvs)
        msisdn = new_number()
        smsc.post("/mo", msisdn=msisdn, to="6111", text="Balance")
        smsc.until(lambda: len(service.told(msisdn)) == 2, "taken by the SMSC, then its end")
        (_, taken), (told, receipted) = service.told(msisdn)
        assert (told, receipted) == (kind, taken)

    def test_it_answers_when_the_smsc_asks_whether_it_is_there(self, smsc: Smsc) -> None:
        smsc.faults(enquire_s=0.2, delivery_answer_s=5)
        after = smsc.get("/state")["pdus"]
        sessions = smsc.get("/state")["sessions"]

        def answers() -> Sequence[str]:
            seen = smsc.get("/pdus", after=after)["pdus"]
            return [one["pdu"] for one in seen if one["way"] == "in" and one["pdu"] == "PlainResp"]

        smsc.until(lambda: len(answers()) >= 2 * len(sessions), "each connection has answered, and was asked again")
        assert smsc.get("/state")["sessions"] == sessions

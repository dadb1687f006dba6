"""What our SMSC can do to an ESME, done to Kannel: it lives through it, and whatever was texted is answered.

What it cannot do is noted where it shows: these are the faults that the simulator is for.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.smsc.peers import Smsc
from tests.interop import peers
from tests.interop.service import ACCEPTED, DELIVERED, Service, echo
from tests.live import kannel
from tests.live.kannel import Group, Kannel
from tests.live.network import new_number

BOUND = ["bound_trx"]
IN_A_HURRY: Group = {"reconnect-delay": 1, "enquire-link-interval": 1, "connection-timeout": 2}
"""In seconds; by itself it waits five minutes before it leaves a line that has gone silent."""
REPEATS: Group = {"sms-resend-freq": 1}
HEX_IN_ANSWERS = 0x01
"""Of its msg-id-type: ids are hex in a submit_sm_resp, and decimal in a receipt."""


@contextmanager
def bound(smsc: Smsc, service: Service, home: Path, options: Group | None = None) -> Iterator[Kannel]:
    peers.require(peers.KANNEL)
    links = kannel.transceiver(smsc.port, {**IN_A_HURRY, **(options or {})})
    with Kannel(home, links, [service.group()], REPEATS) as up:
        smsc.until(lambda: smsc.states() == BOUND, "Kannel is bound")
        yield up
        smsc.http.delete("/faults")
        smsc.until(lambda: smsc.states() == BOUND, "Kannel is bound again, and so leaves in order")
    smsc.until(lambda: smsc.states() == [], "it has left")


@pytest.fixture
def peer(smsc: Smsc, service: Service, tmp_path: Path) -> Iterator[Kannel]:
    with bound(smsc, service, tmp_path) as up:
        yield up


def text(smsc: Smsc, text: str = "Баланс") -> str:
    """A subscriber texts; who."""
    msisdn = new_number()
    smsc.post("/mo", msisdn=msisdn, to="6111", text=text)
    return msisdn


def statuses(smsc: Smsc, after: int) -> Sequence[str]:
    """How submits were answered."""
    return [one["status"] for one in smsc.get("/pdus", after=after)["pdus"] if one["pdu"] == "SubmitSmResp"]


@pytest.mark.usefixtures("peer")
class TestSubmits:
    @pytest.mark.parametrize("status", ["RTHROTTLED", "RMSGQFUL"])
    def test_refused_for_now_is_sent_again(self, smsc: Smsc, service: Service, status: str) -> None:
        after = smsc.get("/state")["pdus"]
        smsc.faults(submit_status=status, submit_status_count=2)
        msisdn = text(smsc)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "taken by the SMSC, then on the phone")
        assert smsc.texts(msisdn) == [echo("Баланс")]
        *refused, taken = statuses(smsc, after)
        assert [status in each for each in refused] == [True, True]
        assert "ROK" in taken

    def test_more_than_the_account_may_send(self, smsc: Smsc, service: Service) -> None:
        after = smsc.get("/state")["pdus"]
        smsc.faults(throttle_per_s=2)
        texting = [text(smsc) for _ in range(5)]
        smsc.until(lambda: all(len(service.told(msisdn)) == 2 for msisdn in texting), "everybody has an answer")
        assert [smsc.texts(msisdn) for msisdn in texting] == [[echo("Баланс")]] * 5
        assert any("RTHROTTLED" in status for status in statuses(smsc, after))

    def test_the_line_drops_instead_of_the_answer(self, smsc: Smsc, service: Service) -> None:
        """Kannel cannot know that its message was taken, and sends it again: the phone has it twice. Of the first one
        it never learned the id, so that its receipt means nothing to it.
        """
        smsc.faults(disconnect_after=1)
        msisdn = text(smsc)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "taken by the SMSC, then on the phone")
        first, second = smsc.get("/inbox", msisdn=msisdn)["texts"]
        assert first["text"] == second["text"] == echo("Баланс")
        (again,) = second["message_ids"]
        assert service.told(msisdn) == [(ACCEPTED, again), (DELIVERED, again)]


@pytest.mark.usefixtures("peer")
class TestLines:
    def test_dropped_now(self, smsc: Smsc, service: Service) -> None:
        smsc.faults(disconnect=True)
        msisdn = text(smsc)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "bound again, asked, answered and receipted")
        assert smsc.texts(msisdn) == [echo("Баланс")]

    def test_half_a_pdu_and_then_nothing(self, smsc: Smsc, service: Service) -> None:
        smsc.faults(half_pdus=1)
        msisdn = text(smsc)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "bound again, asked, answered and receipted")
        assert (service.texts(msisdn), smsc.texts(msisdn)) == (["Баланс"], [echo("Баланс")])

    def test_silence(self, smsc: Smsc, service: Service) -> None:
        sessions = smsc.get("/state")["sessions"]
        smsc.faults(silence=True)
        msisdn = text(smsc)
        smsc.until(lambda: smsc.get("/state")["sessions"] != sessions, "Kannel gives the line up")
        smsc.faults(silence=False)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "bound again, asked, answered and receipted")
        assert smsc.texts(msisdn) == [echo("Баланс")]

    def test_a_bind_that_is_refused_for_now(self, smsc: Smsc, service: Service) -> None:
        """For a password, RINVPASWD, Kannel gives up for good."""
        after = smsc.get("/state")["pdus"]
        smsc.faults(bind_status="RBINDFAIL", disconnect=True)

        def refused() -> bool:
            pdus = smsc.get("/pdus", after=after)["pdus"]
            return sum(one["pdu"] == "BindResp" and "RBINDFAIL" in one["status"] for one in pdus) >= 2

        smsc.until(refused, "it has tried twice")
        smsc.faults(bind_status=0)
        msisdn = text(smsc)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "bound again, asked, answered and receipted")


@pytest.mark.usefixtures("peer")
class TestReceipts:
    def test_late(self, smsc: Smsc, service: Service) -> None:
        smsc.faults(receipts="late", receipt_late_s=2)
        msisdn = text(smsc)
        smsc.until(lambda: service.told(msisdn) != [], "taken by the SMSC")
        ((kind, message_id),) = service.told(msisdn)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "on the phone")
        assert service.told(msisdn) == [(kind, message_id), (DELIVERED, message_id)]

    def test_before_the_answer_they_are_lost_on_kannel(self, smsc: Smsc, service: Service) -> None:
        """It acknowledges a receipt whose id it has not been told yet, and forgets it. Our link holds such a one."""
        smsc.faults(receipts="early")
        early = text(smsc)
        smsc.until(lambda: service.told(early) != [], "taken by the SMSC")
        smsc.until(lambda: smsc.get("/state")["deliveries"]["sent"] == 0, "the receipt is acknowledged")
        smsc.faults(receipts="on_time")
        msisdn = text(smsc)
        smsc.until(lambda: len(service.told(msisdn)) == 2, "the receipt of a later one")
        assert [kind for kind, _ in service.told(early)] == [ACCEPTED]

    def test_an_answer_to_a_text_that_is_lost(self, smsc: Smsc, service: Service) -> None:
        """The SMSC sends the text again. A text has no name, so that Kannel answers it again."""
        smsc.faults(lose_answers=1, delivery_answer_s=0.5)
        msisdn = text(smsc)
        smsc.until(lambda: len(smsc.texts(msisdn)) == 2, "answered twice")
        assert service.texts(msisdn) == ["Баланс", "Баланс"]


@pytest.mark.parametrize(
    ("ids", "options"),
    [
        pytest.param({"ids": "hex", "receipt_ids": "decimal"}, {"msg-id-type": HEX_IN_ANSWERS}, id="hex, then decimal"),
        pytest.param({"ids": "opaque"}, {}, id="names"),
    ],
)
def test_ids_as_networks_write_them(
    smsc: Smsc, service: Service, tmp_path: Path, ids: dict[str, str], options: Group
) -> None:
    """Twelve of them, past those that are the same in hex and in decimal. Kannel has to be told which it is."""
    with bound(smsc, service, tmp_path, options):
        smsc.faults(**ids)
        texting = [text(smsc) for _ in range(12)]
        smsc.until(lambda: all(len(service.told(msisdn)) == 2 for msisdn in texting), "everybody has a receipt")
        assert {kind for msisdn in texting for kind, _ in service.told(msisdn)} == {ACCEPTED, DELIVERED}

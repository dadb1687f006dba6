"""The simulator's SMSC over real TCP, with an independent ESME at the other end."""

import itertools
import random
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from smpplib import exceptions

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import Bind, BindMode, BindResp, EnquireLink, GenericNack, Pdu, PlainResp
from tests.integration.smsc.peers import Esme, Smsc, stranger
from tests.live.certificate import signed
from tests.live.network import new_number

_names = itertools.count(1)


@pytest.fixture
def account() -> str:
    """A system_id of a test's own, so that what one test left undelivered reaches no other."""
    return f"esme{next(_names)}"


def phone() -> str:
    return new_number().removeprefix("+")


def ucs2(text: str) -> bytes:
    return text.encode("utf-16-be")


def said_by(connection: socket.socket) -> list[Pdu]:
    """Everything until the other side closes."""
    octets = b""
    while data := connection.recv(4096):
        octets += data
    return [codec.decode(frame) for frame in Framer().feed(octets)]


@pytest.mark.parametrize(
    ("octets", "data_coding", "text"),
    [
        pytest.param(ucs2("Ваш баланс: 500 баллов"), 8, "Ваш баланс: 500 баллов", id="Russian, UCS-2"),
        pytest.param(b"Balance: 500 (5 \x1be)", 0, "Balance: 500 (5 €)", id="GSM 7-bit"),
    ],
)
def test_a_text_is_submitted_read_and_receipted(
    smsc: Smsc, account: str, octets: bytes, data_coding: int, text: str
) -> None:
    number = phone()
    with Esme(smsc, account) as esme:
        message_id = esme.submitted(number, octets, data_coding, registered_delivery=1)
        assert smsc.texts("+" + number) == [text]
        esme.read(lambda: esme.received)
        (receipt,) = esme.received
        assert receipt.short_message.startswith(f"id:{message_id} ".encode())
        assert b"stat:DELIVRD" in receipt.short_message
        assert (receipt.receipted_message_id, receipt.message_state) == (message_id.encode(), 2)


def test_parts_are_passed_through_and_joined(smsc: Smsc, account: str) -> None:
    number = phone()
    with Esme(smsc, account) as esme:
        for place, text in ((2, "второй"), (1, "первый и ")):
            esme.submitted(number, bytes((5, 0, 3, 9, 2, place)) + ucs2(text), 8, esm_class=0x40)
    assert smsc.texts(number) == ["первый и второй"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("Баланс", 1, id="one part"),
        pytest.param("Где мой подарок? " * 40, 11, id="eleven parts"),
        pytest.param("GIFT 5", 1, id="Latin"),
    ],
)
def test_a_subscriber_texts_and_it_is_acknowledged(smsc: Smsc, account: str, text: str, parts: int) -> None:
    number = phone()
    with Esme(smsc, account) as esme:
        numbers = smsc.post("/mo", msisdn="+" + number, to="6111", text=text, system_id=account)["deliveries"]
        assert len(numbers) == parts
        esme.read(lambda: len(esme.received) == parts)
        pdus = esme.received
        assert {(pdu.source_addr, pdu.destination_addr) for pdu in pdus} == {(number.encode(), b"6111")}
        octets = b"".join(pdu.short_message[6 if pdu.esm_class else 0 :] for pdu in pdus)
        assert octets.decode("utf-16-be" if pdus[0].data_coding == 8 else "ascii") == text
        smsc.until(lambda: smsc.delivery(numbers[-1])["fate"] == "acknowledged", "its answer arrived")


def test_a_balance_is_asked_for_and_answered_in_russian_with_its_receipt(smsc: Smsc, account: str) -> None:
    number, answer = phone(), "У вас 5 баллов"
    with Esme(smsc, account) as esme:
        smsc.post("/mo", msisdn="+" + number, to="6111", text="Баланс", system_id=account)
        esme.read(lambda: esme.received)
        assert esme.received[0].short_message.decode("utf-16-be") == "Баланс"
        message_id = esme.submitted(number, ucs2(answer), 8, registered_delivery=1)
        esme.read(lambda: len(esme.received) == 2)
        assert esme.received[1].receipted_message_id == message_id.encode()
        assert b"stat:DELIVRD" in esme.received[1].short_message
    assert smsc.texts(number) == [answer]


def test_a_text_waits_for_whoever_binds(smsc: Smsc, account: str) -> None:
    (number,) = smsc.post("/mo", msisdn=phone(), to="6111", text="hi", system_id=account)["deliveries"]
    assert smsc.delivery(number)["fate"] == "waiting"
    with Esme(smsc, account, "receiver") as esme:
        esme.read(lambda: esme.received)


def test_not_acknowledged_is_sent_again_and_refused_for_now_as_well(smsc: Smsc, account: str) -> None:
    smsc.faults(delivery_answer_s=0.3, delivery_retry_s=0.1)
    with Esme(smsc, account) as esme:
        (number,) = smsc.post("/mo", msisdn=phone(), to="6111", text="hi", system_id=account)["deliveries"]
        assert esme.client.read_pdu().command == "deliver_sm", "read, and not answered"
        esme.answers_with = 0x64
        esme.read(lambda: esme.received)
        esme.answers_with = 0
        esme.read(lambda: len(esme.received) == 2)
        smsc.until(lambda: smsc.delivery(number)["fate"] == "acknowledged", "the last answer arrived")
        assert smsc.delivery(number)["tries"] >= 3


def test_two_binds_of_one_account(smsc: Smsc, account: str) -> None:
    number = phone()
    with Esme(smsc, account, "transmitter") as sender, Esme(smsc, account, "receiver") as receiver:
        sender.submitted(number, b"hi", registered_delivery=1)
        receiver.read(lambda: receiver.received)
        smsc.post("/mo", msisdn=number, to="6111", text="hello", system_id=account)
        receiver.read(lambda: len(receiver.received) == 2)
        assert sender.received == []


def test_it_asks_a_silent_esme_and_drops_a_dead_one(smsc: Smsc, account: str) -> None:
    smsc.faults(enquire_s=0.2, delivery_answer_s=0.2)
    with Esme(smsc, account) as esme:
        asked = [esme.client.read_pdu().command]
        with pytest.raises(exceptions.ConnectionError):
            asked.append(esme.client.read_pdu().command)
        assert asked == ["enquire_link"]


class TestFaults:
    """Each does what it says, seen from the other end."""

    def test_any_status(self, smsc: Smsc, account: str) -> None:
        smsc.faults(submit_status="RTHROTTLED", submit_status_count=1)
        number = phone()
        with Esme(smsc, account) as esme:
            refused = esme.submit(number, b"hi")
            esme.read(lambda: esme.refused)
            assert esme.refused == {refused: 0x58}
            assert esme.submitted(number, b"hi again")
        assert smsc.texts(number) == ["hi again"]

    def test_throttle(self, smsc: Smsc, account: str) -> None:
        smsc.faults(throttle_per_s=2)
        with Esme(smsc, account) as esme:
            sequences = [esme.submit(phone(), b"hi") for _ in range(6)]
            esme.read(lambda: len(esme.sent) + len(esme.refused) == len(sequences))
            assert set(esme.refused.values()) == {0x58}
            assert len(esme.sent) >= 2

    def test_silence(self, smsc: Smsc, account: str) -> None:
        number = phone()
        with Esme(smsc, account) as esme:
            esme.client._socket.settimeout(0.5)
            smsc.faults(silence=True)
            esme.submit(number, b"hi")
            with pytest.raises(TimeoutError):
                esme.read(lambda: esme.sent)
            assert smsc.texts(number) == ["hi"], "all is read"
            smsc.faults(silence=False)
            esme.read(lambda: esme.sent)

    def test_disconnect_now(self, smsc: Smsc, account: str) -> None:
        with Esme(smsc, account) as esme:
            smsc.faults(disconnect=True)
            with pytest.raises(exceptions.ConnectionError):
                esme.client.read_once()

    def test_disconnect_instead_of_an_answer(self, smsc: Smsc, account: str) -> None:
        smsc.faults(disconnect_after=2)
        number = phone()
        with Esme(smsc, account) as esme:
            esme.submitted(number, b"first")
            esme.submit(number, b"in doubt")
            with pytest.raises(exceptions.ConnectionError):
                esme.client.read_once()
            assert len(esme.sent) == 1
        assert smsc.texts(number) == ["first", "in doubt"]

    def test_half_a_pdu(self, smsc: Smsc, account: str) -> None:
        with Esme(smsc, account) as esme:
            smsc.faults(half_pdus=1)
            esme.client._socket.settimeout(0.5)
            esme.submit(phone(), b"hi")
            with pytest.raises(TimeoutError):
                esme.client.read_pdu()

    def test_swapped_parts(self, smsc: Smsc, account: str) -> None:
        smsc.faults(swap_parts=1)
        with Esme(smsc, account) as esme:
            smsc.post("/mo", msisdn=phone(), to="6111", text="a" * 153 + "b" * 8, system_id=account)
            esme.read(lambda: len(esme.received) == 2)
        assert [pdu.short_message[6:] for pdu in esme.received] == [b"b" * 8, b"a" * 153]

    def test_resend(self, smsc: Smsc, account: str) -> None:
        with Esme(smsc, account) as esme:
            smsc.post("/mo", msisdn=phone(), to="6111", text="hi", system_id=account)
            first = esme.client.read_pdu()
            smsc.faults(resend=True)
            again = esme.client.read_pdu()
            assert again.short_message == first.short_message
            assert again.sequence != first.sequence

    @pytest.mark.parametrize(("receipts", "order"), [("early", ["receipt", "id"]), ("on_time", ["id", "receipt"])])
    def test_receipts_early_and_on_time(self, smsc: Smsc, account: str, receipts: str, order: list[str]) -> None:
        smsc.faults(receipts=receipts, receipt_delay_s=0.2)
        with Esme(smsc, account) as esme:
            seen: list[str] = []
            esme.submit(phone(), b"hi", registered_delivery=1)
            while len(seen) < 2:
                esme.client.read_once()
                got = {"id": esme.sent, "receipt": esme.received}
                seen += [name for name in got if got[name] and name not in seen]
            assert seen == order

    def test_receipts_never(self, smsc: Smsc, account: str) -> None:
        smsc.faults(receipts="never")
        with Esme(smsc, account) as esme:
            esme.submitted(phone(), b"hi", registered_delivery=1)
            rows = smsc.get("/deliveries")["deliveries"]
            assert [row for row in rows if row["system_id"] == account] == [], "there is nothing that could come"

    def test_ids_in_hex_and_receipts_in_decimal(self, smsc: Smsc, account: str) -> None:
        smsc.faults(ids="hex", receipt_ids="decimal")
        with Esme(smsc, account) as esme:
            message_id = esme.submitted(phone(), b"hi", registered_delivery=1)
            esme.read(lambda: esme.received)
            assert esme.received[0].receipted_message_id == str(int(message_id, 16)).encode()

    def test_raw_octets(self, smsc: Smsc, account: str) -> None:
        """Poison: a deliver_sm with a torn parameter, which no SMSC in order would send."""
        with Esme(smsc, account) as esme:
            smsc.post("/raw", hex="00000013 00000005 00000000 00000001 040401")
            assert esme.client._recv_exact(19)[16:] == b"\x04\x04\x01"


@pytest.mark.parametrize("bound", [False, True], ids=["before bind", "after bind"])
def test_rubbish_gets_a_nack_and_a_clean_close(smsc: Smsc, account: str, bound: bool) -> None:
    with stranger(smsc) as connection:
        if bound:
            connection.sendall(codec.encode(Bind(1, BindMode.TRANSCEIVER, account, "pass")))
            assert connection.recv(4096)
        connection.sendall(b"\xff" + random.Random(bound).randbytes(199))
        assert said_by(connection) == [GenericNack(0, 2)]


def test_a_bind_and_a_request_in_one_segment_octet_by_octet(smsc: Smsc, account: str) -> None:
    with stranger(smsc) as connection:
        for octet in codec.encode(Bind(1, BindMode.TRANSCEIVER, account, "pass")) + codec.encode(EnquireLink(2)):
            connection.sendall(bytes((octet,)))
        answers: list[Pdu] = []
        framer = Framer()
        while len(answers) < 2:
            answers += [codec.decode(frame) for frame in framer.feed(connection.recv(4096))]
        assert isinstance(answers[1], PlainResp)


def test_the_control_port_says_who_is_bound_and_what_passed(smsc: Smsc, account: str) -> None:
    with Esme(smsc, account) as esme:
        (session,) = smsc.get("/state")["sessions"]
        assert (session["system_id"], session["state"]) == (account, "bound_trx")
        esme.submitted(phone(), b"hi")
        pdus = smsc.get("/pdus", session=session["session"])["pdus"]
        assert [pdu["pdu"] for pdu in pdus] == ["Bind", "BindResp", "SubmitSm", "SubmitSmResp"]
        assert pdus[2]["fields"]["short_message"] == b"hi".hex()


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        pytest.param("/faults", {"ids": "roman"}, "ids: Input should be 'decimal', 'hex' or 'opaque'", id="a value"),
        pytest.param("/faults", {"sleep": 1}, "sleep: Extra inputs are not permitted", id="a fault that is none"),
        pytest.param("/mo", {"msisdn": "79210000001", "to": "6111"}, "send either text or hex", id="nothing to send"),
        pytest.param("/mo", {"msisdn": "", "to": "6111", "text": "hi"}, "msisdn", id="nobody who sends"),
        pytest.param("/raw", {"hex": "0g"}, "hex", id="not hex"),
    ],
)
def test_an_order_that_cannot_be_read_is_explained(smsc: Smsc, path: str, body: dict[str, object], says: str) -> None:
    response = smsc.http.post(path, json=body)
    assert response.status_code == 422
    assert says in str(response.json()["detail"])


def test_configured_accounts_and_a_taken_port(tmp_path: Path) -> None:
    with Smsc(tmp_path, "--account", "bolshe:pass") as smsc:
        with Esme(smsc, "bolshe") as esme:
            esme.submitted(phone(), b"hi")
        with pytest.raises(exceptions.PDUError, match="bind_transceiver_resp"):
            Esme(smsc, "other")
        second = subprocess.run(
            [sys.executable, "-m", "simulator", "smsc", "--port", str(smsc.port)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert second.returncode == 2
        assert "Choose another: --port" in second.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_and_hangs_up(tmp_path: Path, account: str, how: signal.Signals) -> None:
    with Smsc(tmp_path) as smsc, Esme(smsc, account) as esme:
        smsc.process.send_signal(how)
        assert smsc.process.wait(10) in {0, -how}
        with pytest.raises(exceptions.ConnectionError):
            esme.client.read_pdu()
        assert "Traceback" not in smsc.log.read_text()


def test_an_esme_binds_with_tls(tmp_path: Path) -> None:
    certificate, key = signed(tmp_path)
    with Smsc(tmp_path, "--certificate", str(certificate), "--key", str(key)) as smsc:
        trusted = ssl.create_default_context(cafile=str(certificate))
        with (
            socket.create_connection(("127.0.0.1", smsc.port), timeout=30) as plain,
            trusted.wrap_socket(plain, server_hostname="127.0.0.1") as wire,
        ):
            wire.sendall(codec.encode(Bind(1, BindMode.TRANSCEIVER, "bolshe", "pass")))
            answer = codec.decode(wire.recv(100))
    assert answer == BindResp(1, BindMode.TRANSCEIVER, 0, "simulator")


@pytest.mark.parametrize("options", [("--certificate", "/nowhere.pem"), ("--account", "bolshe:pass?windows=1")])
def test_an_option_that_is_none_is_explained(tmp_path: Path, options: tuple[str, str]) -> None:
    program = [sys.executable, "-m", "simulator", "smsc", "--port", "0", "--control-port", "0", *options]
    ended = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert options[0].strip("-") in ended.stderr

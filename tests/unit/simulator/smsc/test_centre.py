"""What the SMSC does with messages, told the time by the test."""

import pytest

from gateway.smpp.pdu import codec, tlv
from gateway.smpp.pdu.messages import (
    Address,
    Bind,
    BindMode,
    BindResp,
    CancelSm,
    CommandId,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    PlainResp,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.status import Status
from gateway.smpp.pdu.tlv import Tag
from simulator.smsc.accounts import Account
from simulator.smsc.trace import shown
from tests.unit.simulator.smsc.bench import PHONE, SHORT, Bench, statuses, submit


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_submit_is_answered_with_an_id_and_reaches_the_phone(bench: Bench) -> None:
    esme = bench.connect()
    bench.send(esme, submit(2), submit(3))
    assert bench.got(esme) == [SubmitSmResp(2, 0, "1"), SubmitSmResp(3, 0, "2")]
    assert bench.texts() == ["hi", "hi"]


def test_data_sm_is_taken_as_well(bench: Bench) -> None:
    esme = bench.connect()
    bench.send(esme, DataSm(2, SHORT, PHONE, tlvs=((Tag.MESSAGE_PAYLOAD, b"long"),)))
    assert bench.got(esme) == [DataSmResp(2, 0, "1")]
    assert bench.texts() == ["long"]


@pytest.mark.parametrize(
    ("pdu", "status"),
    [
        pytest.param(SubmitSm(2, SHORT, Address(), b"hi"), Status.RINVDSTADR, id="nobody to send to"),
        pytest.param(SubmitSm(2, Address("6" * 20), Address("7" * 20), b"hi"), 0, id="the longest addresses"),
        pytest.param(submit(2, b"a" * 161), Status.RINVMSGLEN, id="161 septets"),
        pytest.param(SubmitSm(2, SHORT, PHONE, b"a" * 141, 8), Status.RINVMSGLEN, id="141 octets of UCS-2"),
        pytest.param(submit(2, b"a" * 160), 0, id="160 septets"),
        pytest.param(SubmitSm(2, SHORT, PHONE, b"a" * 140, 8), 0, id="140 octets of UCS-2"),
        pytest.param(SubmitSm(2, SHORT, PHONE, tlvs=((Tag.MESSAGE_PAYLOAD, b"a" * 999),)), 0, id="a long payload"),
    ],
)
def test_what_is_taken(bench: Bench, pdu: SubmitSm, status: int) -> None:
    esme = bench.connect()
    bench.send(esme, pdu)
    assert statuses(bench.got(esme)) == [status]


def test_data_sm_from_an_address_that_no_receipt_could_go_to(bench: Bench) -> None:
    esme = bench.connect()
    bench.send(esme, DataSm(2, Address("6" * 21), PHONE, registered_delivery=1))
    assert bench.got(esme) == [DataSmResp(2, Status.RINVSRCADR)]


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [
        pytest.param("bolshe", "s3", 0, id="as configured"),
        pytest.param("bolshe", "s4", Status.RINVPASWD, id="wrong password"),
        pytest.param("other", "s3", Status.RINVSYSID, id="unknown account"),
    ],
)
def test_configured_accounts(system_id: str, password: str, status: int) -> None:
    bench = Bench({"bolshe": Account("s3")})
    esme = bench.connect(None)
    bench.send(esme, Bind(1, BindMode.TRANSCEIVER, system_id, password))
    (answer,) = bench.got(esme)
    assert isinstance(answer, BindResp)
    assert answer.status == status


@pytest.mark.parametrize(
    ("registered_delivery", "final", "stat"),
    [
        pytest.param(0, "DELIVRD", None, id="not asked for"),
        pytest.param(1, "DELIVRD", "DELIVRD", id="asked for"),
        pytest.param(0x11, "UNDELIV", "UNDELIV", id="asked for, and failed"),
        pytest.param(2, "DELIVRD", None, id="on failure only, and delivered"),
        pytest.param(2, "EXPIRED", "EXPIRED", id="on failure only, and failed"),
    ],
)
def test_receipts_as_they_are_registered(bench: Bench, registered_delivery: int, final: str, stat: str | None) -> None:
    bench.order(final=final)
    esme = bench.connect()
    bench.send(esme, submit(2, b"a text of more than twenty letters", registered_delivery))
    bench.got(esme)
    bench.wait(1)
    receipts = bench.delivered(esme)
    assert [receipt.esm_class for receipt in receipts] == [0x04] * (stat is not None)
    for receipt in receipts:
        assert (receipt.source, receipt.destination) == (PHONE, SHORT)
        assert receipt.short_message.startswith(b"id:1 sub:001 dlvrd:00")
        assert f"stat:{stat} ".encode() in receipt.short_message
        assert receipt.short_message.endswith(b"text:a text of more than ")
        assert tlv.text(receipt.tlvs, Tag.RECEIPTED_MESSAGE_ID) == "1"
    assert bench.texts() == (["a text of more than twenty letters"] if final == "DELIVRD" else [])


@pytest.mark.parametrize(
    ("receipts", "at_once", "soon", "late"),
    [
        pytest.param("early", ["DeliverSm", "SubmitSmResp"], [], [], id="early: before the answer"),
        pytest.param("on_time", ["SubmitSmResp"], ["DeliverSm"], [], id="on time"),
        pytest.param("late", ["SubmitSmResp"], [], ["DeliverSm"], id="late"),
        pytest.param("never", ["SubmitSmResp"], [], [], id="never"),
    ],
)
def test_when_receipts_come(bench: Bench, receipts: str, at_once: list[str], soon: list[str], late: list[str]) -> None:
    bench.order(receipts=receipts, delivery_answer_s=100)
    esme = bench.connect()
    bench.send(esme, submit(2, registered_delivery=1))
    seen = []
    for seconds in (0, 1, 29.5):
        bench.wait(seconds)
        seen.append([type(pdu).__name__ for pdu in bench.got(esme) if not isinstance(pdu, EnquireLink)])
    assert seen == [at_once, soon, late]


@pytest.mark.parametrize(
    ("ids", "receipt_ids", "answered", "receipted"),
    [
        pytest.param("decimal", None, "16", "16", id="decimal"),
        pytest.param("hex", None, "10", "10", id="hex"),
        pytest.param("hex", "decimal", "10", "16", id="hex, and decimal in the receipt"),
        pytest.param("opaque", None, "m-000010-z", "m-000010-z", id="opaque"),
    ],
)
def test_how_ids_are_written(bench: Bench, ids: str, receipt_ids: str | None, answered: str, receipted: str) -> None:
    bench.order(ids=ids, receipt_ids=receipt_ids, receipt_tlvs=False)
    esme = bench.connect()
    bench.send(esme, *(submit(sequence) for sequence in range(2, 17)), submit(17, registered_delivery=1))
    assert bench.got(esme)[-1] == SubmitSmResp(17, 0, answered)
    bench.wait(1)
    (receipt,) = bench.delivered(esme)
    assert receipt.short_message.startswith(f"id:{receipted} ".encode())
    assert receipt.tlvs == ()


def test_a_text_is_kept_until_somebody_binds_to_receive_it(bench: Bench) -> None:
    bench.connect(BindMode.TRANSMITTER)
    bench.centre.text("+79210000001", "6111", "Баланс", "", bench.now)
    bench.wait(60)
    receiver = bench.connect(None)
    bench.send(receiver, Bind(1, BindMode.RECEIVER, "esme", "pass"))
    bound, delivered = bench.got(receiver)
    assert isinstance(bound, BindResp), "the bind is answered first"
    assert isinstance(delivered, DeliverSm)
    assert (delivered.source, delivered.payload.decode("utf-16-be")) == (PHONE, "Баланс")


@pytest.mark.parametrize(
    ("status", "fate", "tries"),
    [
        pytest.param(0x00, "acknowledged", 1, id="taken"),
        pytest.param(0x64, "waiting", 1, id="not now"),
        pytest.param(0x58, "waiting", 1, id="throttled"),
        pytest.param(0x66, "dropped", 1, id="this one never"),
        pytest.param(0x65, "dropped", 1, id="nothing more to that number"),
    ],
)
def test_an_answer_decides(bench: Bench, status: int, fate: str, tries: int) -> None:
    esme = bench.connect()
    bench.centre.text("79210000001", "6111", "hi", "", bench.now)
    (sent,) = bench.delivered(esme)
    bench.send(esme, DeliverSmResp(sent.sequence, status))
    (delivery,) = bench.centre.deliveries.all()
    assert (delivery.fate.value, delivery.tries) == (fate, tries)
    bench.wait(1.5)
    assert [pdu.payload for pdu in bench.delivered(esme)] == ([b"hi"] if fate == "waiting" else [])


def test_0x65_stops_everything_to_that_number(bench: Bench) -> None:
    esme = bench.connect()
    for to in ("6111", "6111", "1414"):
        bench.centre.text("79210000001", to, "hi", "", bench.now)
    first = bench.delivered(esme)[0]
    bench.send(esme, DeliverSmResp(first.sequence, 0x65))
    assert [delivery.fate.value for delivery in bench.centre.deliveries.all()] == ["dropped", "dropped", "sent"]


def test_what_is_not_answered_is_sent_again_until_it_is(bench: Bench) -> None:
    esme = bench.connect()
    bench.centre.text("79210000001", "6111", "hi", "", bench.now)
    sequences = []
    for _ in range(3):
        sequences += [pdu.sequence for pdu in bench.delivered(esme)]
        bench.wait(5)
    assert len(sequences) == len(set(sequences)) == 3, "a new sequence each time"
    bench.send(esme, DeliverSmResp(sequences[-1]))
    assert bench.centre.deliveries.counts()["acknowledged"] == 0, "an answer to an earlier try is no answer to this one"
    (last,) = bench.delivered(esme)
    bench.send(esme, DeliverSmResp(last.sequence))
    bench.wait(60)
    assert bench.delivered(esme) == []


def test_what_a_dead_connection_held_goes_by_another(bench: Bench) -> None:
    first, second = bench.connect(), bench.connect()
    bench.centre.text("79210000001", "6111", "hi", "", bench.now)
    assert len(bench.delivered(first)) == 1
    bench.centre.lost(first, bench.now)
    assert [pdu.payload for pdu in bench.delivered(second)] == [b"hi"]


def test_receipts_go_to_any_receiver_of_the_account_and_to_no_other(bench: Bench) -> None:
    transmitter = bench.connect(BindMode.TRANSMITTER)
    receiver = bench.connect(BindMode.RECEIVER)
    stranger = bench.connect(system_id="other")
    bench.send(transmitter, submit(2, registered_delivery=1))
    bench.wait(1)
    assert [len(bench.delivered(session)) for session in (transmitter, receiver, stranger)] == [0, 1, 0]


def test_no_more_than_a_window_is_unanswered(bench: Bench) -> None:
    esme = bench.connect()
    for _ in range(60):
        bench.centre.text("79210000001", "6111", "hi", "", bench.now)
    sent = bench.delivered(esme)
    assert len(sent) == 50
    bench.send(esme, *(DeliverSmResp(pdu.sequence) for pdu in sent[:3]))
    assert len(bench.delivered(esme)) == 3


def test_a_silent_esme_is_asked_and_then_left(bench: Bench) -> None:
    esme = bench.connect()
    bench.wait(31)
    (asked,) = bench.got(esme)
    assert isinstance(asked, EnquireLink)
    bench.send(esme, PlainResp(asked.sequence, CommandId.ENQUIRE_LINK))
    bench.wait(31)
    assert not esme.ends
    bench.wait(10)
    assert esme.ends


@pytest.mark.parametrize("said", [b"", bytes.fromhex("0000001000")], ids=["nothing", "half a PDU"])
def test_a_connection_that_never_binds_is_dropped(bench: Bench, said: bytes) -> None:
    stranger = bench.connect(None)
    bench.centre.receive(stranger, said, bench.now)
    bench.wait(31)
    assert stranger.ends
    assert bench.got(stranger) == []


def test_a_goodbye_in_the_middle_of_a_window_loses_nothing(bench: Bench) -> None:
    leaving = bench.connect()
    for text in ("first", "second"):
        bench.centre.text("79210000001", "6111", text, "", bench.now)
    first, _ = bench.delivered(leaving)
    bench.send(leaving, DeliverSmResp(first.sequence), Unbind(9))
    assert bench.got(leaving) == [PlainResp(9, CommandId.UNBIND)]
    bench.centre.lost(leaving, bench.now)
    coming = bench.connect(None)
    bench.send(coming, Bind(1, BindMode.RECEIVER, "esme", "pass"))
    assert [pdu.payload for pdu in bench.delivered(coming)] == [b"second"]


def test_query_and_cancel(bench: Bench) -> None:
    esme = bench.connect()
    bench.send(esme, submit(2), QuerySm(3, "1", SHORT), QuerySm(4, "9"), CancelSm(5, "1", SHORT, PHONE))
    assert bench.got(esme)[1:] == [
        QuerySmResp(3, 0, "1", "", 1),
        QuerySmResp(4, Status.RINVMSGID),
        PlainResp(5, CommandId.CANCEL_SM, Status.RCANCELFAIL),
    ]
    bench.wait(1)
    bench.send(esme, QuerySm(6, "1", SHORT))
    (ended,) = bench.got(esme)
    assert isinstance(ended, QuerySmResp)
    assert (ended.message_state, ended.final_date[-4:]) == (2, "000+")


def test_the_trace_has_octets_and_fields_and_no_password(bench: Bench) -> None:
    bench.connect()
    bound, answered = [shown(seen) for seen in bench.centre.trace.after(0, None)]
    assert (bound["way"], bound["pdu"], answered["way"], answered["pdu"]) == ("in", "Bind", "out", "BindResp")
    assert "70617373" not in str(bound["hex"])
    assert bound["fields"]["password"] == "****"
    assert bytes.fromhex(answered["hex"]) == codec.encode(BindResp(1, BindMode.TRANSCEIVER, 0, "simulator"))


def test_the_parts_of_a_long_text_go_to_one_account(bench: Bench) -> None:
    first, second = bench.connect(), bench.connect(system_id="other")
    for text in ("a" * 400, "b" * 400):
        bench.centre.text("79210000001", "6111", text, "", bench.now)
    assert sorted(len(bench.delivered(one)) for one in (first, second)) == [0, 6]

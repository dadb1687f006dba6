"""Each fault does what it says, for as long as it says, and no longer."""

import pytest
from pydantic import ValidationError

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.messages import Bind, BindMode, BindResp, DeliverSmResp, SubmitSmResp
from gateway.smpp.pdu.status import Status
from simulator.smsc.faults import Faults, Orders
from tests.unit.simulator.smsc.bench import Bench, statuses, submit


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(88, 0x58, id="number"),
        pytest.param("0x58", 0x58, id="hex"),
        pytest.param("RTHROTTLED", 0x58, id="name"),
        pytest.param("ESME_RSYSERR", 0x08, id="whole name"),
        pytest.param(0x45A, 0x45A, id="a vendor's"),
    ],
)
def test_any_status_for_the_next_submits(bench: Bench, written: object, status: int) -> None:
    bench.order(submit_status=written, submit_status_count=2)
    esme = bench.connect()
    bench.send(esme, submit(2), submit(3), submit(4))
    assert statuses(bench.got(esme)) == [status, status, 0]
    assert bench.texts() == ["hi"], "what is refused reaches no phone"


@pytest.mark.parametrize("order", [{"submit_status": "RSOMETHING"}, {"answer_delay": 1}, {"half_pdus": -1}])
def test_an_order_that_makes_no_sense_is_refused(order: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Orders.model_validate(order)


def test_an_order_changes_only_what_it_names() -> None:
    standing = Faults(ids="hex", silence=True)
    changed = Orders.model_validate({"silence": False}).applied_to(standing)
    assert (changed.ids.value, changed.silence) == ("hex", False)


def test_binds_refused(bench: Bench) -> None:
    bench.order(bind_status="RBINDFAIL")
    esme = bench.connect(None)
    bench.send(esme, Bind(1, BindMode.RECEIVER, "esme", "pass"))
    assert bench.got(esme) == [BindResp(1, BindMode.RECEIVER, Status.RBINDFAIL)]


def test_throttled_by_account_and_second(bench: Bench) -> None:
    bench.order(throttle_per_s=2)
    first, same, other = bench.connect(), bench.connect(), bench.connect(system_id="other")
    bench.send(first, submit(2))
    bench.send(same, submit(2), submit(3))
    bench.send(other, submit(2))
    assert [statuses(bench.got(esme)) for esme in (first, same, other)] == [[0], [0, Status.RTHROTTLED], [0]]
    bench.wait(1)
    bench.send(same, submit(4))
    assert statuses(bench.got(same)) == [0]


def test_answers_delayed(bench: Bench) -> None:
    bench.order(answer_delay_s=3)
    esme = bench.connect()
    bench.send(esme, submit(2, registered_delivery=1))
    bench.wait(2.9)
    assert bench.got(esme) == []
    bench.wait(1)
    answer, receipt = bench.got(esme)
    assert answer == SubmitSmResp(2, 0, "1")
    assert codec.encode(receipt)[4:8] == b"\x00\x00\x00\x05"


def test_silence_reads_all_and_says_nothing_until_it_ends(bench: Bench) -> None:
    esme = bench.connect()
    bench.order(silence=True)
    bench.send(esme, submit(2))
    bench.centre.text("79210000001", "6111", "hi", "", bench.now)
    bench.wait(120)
    assert bench.got(esme) == []
    assert not esme.ends
    assert bench.texts() == ["hi"]
    bench.order(silence=False)
    assert [type(pdu).__name__ for pdu in bench.got(esme)] == ["SubmitSmResp", "DeliverSm"]


def test_the_line_drops_instead_of_the_second_answer(bench: Bench) -> None:
    bench.order(disconnect_after=2)
    esme = bench.connect()
    bench.send(esme, submit(2), submit(3), submit(4))
    assert bench.got(esme) == [SubmitSmResp(2, 0, "1")]
    assert esme.ends
    assert bench.texts() == ["hi", "hi"], "the second was taken all the same, and its sender cannot know"
    again = bench.connect()
    bench.send(again, submit(2))
    assert statuses(bench.got(again)) == [0], "once"


def test_every_line_dropped_now(bench: Bench) -> None:
    first, second = bench.connect(), bench.connect()
    bench.order(disconnect=True)
    assert first.ends
    assert second.ends


def test_half_a_pdu_and_then_nothing(bench: Bench) -> None:
    esme, other = bench.connect(), bench.connect()
    bench.order(half_pdus=1)
    bench.send(esme, submit(2))
    whole = codec.encode(SubmitSmResp(2, 0, "1"))
    assert bench.centre.outgoing(esme) == whole[: len(whole) // 2]
    bench.send(esme, submit(3))
    bench.wait(20)
    assert bench.centre.outgoing(esme) == b""
    bench.send(other, submit(2))
    assert statuses(bench.got(other)) == [0], "once"


def test_lost_answers_bring_the_message_again(bench: Bench) -> None:
    bench.order(lose_answers=1)
    esme = bench.connect()
    bench.centre.text("79210000001", "6111", "hi", "", bench.now)
    (first,) = bench.delivered(esme)
    bench.send(esme, DeliverSmResp(first.sequence))
    bench.wait(5)
    (again,) = bench.delivered(esme)
    assert again.payload == first.payload
    bench.send(esme, DeliverSmResp(again.sequence))
    assert bench.centre.deliveries.counts()["acknowledged"] == 1


def test_the_parts_of_the_next_long_text_come_last_part_first(bench: Bench) -> None:
    bench.order(swap_parts=1)
    esme = bench.connect()
    bench.centre.text("79210000001", "6111", "short", "", bench.now)
    assert [pdu.payload for pdu in bench.delivered(esme)] == [b"short"], "a short text spends nothing"
    long = "a" * 153 + "b" * 153 + "c"
    bench.centre.text("79210000001", "6111", long, "", bench.now)
    swapped = bench.delivered(esme)
    assert [pdu.payload[3:6:2] for pdu in swapped] == [b"\x01\x03", b"\x01\x02", b"\x01\x01"]
    assert b"".join(pdu.payload[6:] for pdu in reversed(swapped)) == long.encode()
    bench.centre.text("79210000001", "6111", long, "", bench.now)
    assert [pdu.payload[5] for pdu in bench.delivered(esme)] == [1, 2, 3], "once"


def test_resent_now_what_was_not_acknowledged(bench: Bench) -> None:
    esme = bench.connect()
    for text in ("first", "second"):
        bench.centre.text("79210000001", "6111", text, "", bench.now)
    first, _ = bench.delivered(esme)
    bench.send(esme, DeliverSmResp(first.sequence))
    bench.order(resend=True)
    assert [pdu.payload for pdu in bench.delivered(esme)] == [b"second"]

"""The floor below the floor: the four PDUs of a cycle through codec and framing. No socket, no event loop.

One cycle reads a deliver_sm, writes its deliver_sm_resp, writes a submit_sm and reads its submit_sm_resp.
"""

import time
from dataclasses import replace

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import DeliverSm, DeliverSmResp, SubmitSmResp
from tests.benchmarks import texts

READ_AT_ONCE = 16
"""PDUs of one read; about what a read brings with 64 texts under way."""


def cpu_us(cycles: int) -> float:
    """CPU microseconds of one cycle, over so many."""
    texts_read = [
        b"".join(codec.encode(replace(text, sequence=1 + ordinal)) for ordinal, text in enumerate(batch))
        for batch in _batches(list(texts.keywords(cycles)))
    ]
    answers_read = b"".join(codec.encode(SubmitSmResp(1 + ordinal, 0, str(ordinal))) for ordinal in range(READ_AT_ONCE))
    framer = Framer()
    began = time.process_time_ns()
    for data in texts_read:
        for frame in framer.feed(data):
            text = codec.decode(frame)
            assert isinstance(text, DeliverSm)
            codec.encode(DeliverSmResp(text.sequence))
            codec.encode(texts.fixed_reply(text, text.sequence))
        for frame in framer.feed(answers_read):
            codec.decode(frame)
    return (time.process_time_ns() - began) / 1000 / (len(texts_read) * READ_AT_ONCE)


def _batches(pdus: list[DeliverSm]) -> list[list[DeliverSm]]:
    return [pdus[start : start + READ_AT_ONCE] for start in range(0, len(pdus) - READ_AT_ONCE + 1, READ_AT_ONCE)]

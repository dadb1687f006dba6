"""An ESME that submits as fast as its window lets it: our link, or the client of smpp34, which is written in Rust.

python -m tests.benchmarks.submitting link|smpp34 PORT COUNT WINDOW    # CPU seconds and seconds, as JSON
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

import smpp34
import uvloop

from gateway.smpp.link import Link
from gateway.smpp.pdu.messages import Address, SubmitSm
from gateway.smpp.settings import LinkSettings
from tests.benchmarks.texts import REPLY, UCS2, ucs2

TEXT = ucs2(REPLY)
SOURCE, DESTINATION = Address("6111", 3, 0), Address("79210000001", 1, 1)
PDU = SubmitSm(0, SOURCE, DESTINATION, TEXT, UCS2)

Submit = Callable[[], Awaitable[int]]
"""Submits once; the status of the answer."""


async def timed(submit: Submit, count: int, window: int) -> None:
    """So many submits, a window of them at a time."""
    left = iter(range(count))

    async def one_after_the_other() -> None:
        for _ in left:
            status = await submit()
            if status:
                sys.exit(f"refused with {status}")

    began, cpu_began = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one_after_the_other() for _ in range(window)))
    sys.stdout.write(
        json.dumps({"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - cpu_began}) + "\n"
    )


async def by_link(port: int, count: int, window: int) -> None:
    """Our link, as the gateway has it."""
    bound = asyncio.Event()

    async def deliver(*_: object) -> None:
        raise AssertionError("nobody texts here")

    def notice(what: str, _: str) -> None:
        if what == "bound":
            bound.set()

    link = Link(LinkSettings("127.0.0.1", "bench", "bench", port, window=window), deliver, notice)
    running = asyncio.create_task(link.run())
    await bound.wait()

    async def submit() -> int:
        assert link.reserve(1), "as many submit as there are slots"
        return (await link.submit(PDU)).status

    await timed(submit, count, window)
    await link.stop()
    await running


async def by_smpp34(port: int, count: int, window: int) -> None:
    """The other codec's client, from Python as well."""
    client = smpp34.Client("127.0.0.1", port, "bench", "bench", window_size=window)
    smsc = await client.connect()

    async def submit() -> int:
        answer = await smsc.submit_sm(
            DESTINATION.digits, TEXT, source_addr=SOURCE.digits, source_addr_ton=SOURCE.ton, data_coding=UCS2
        )
        return int(answer.command_status)

    await timed(submit, count, window)
    client.stop()


if __name__ == "__main__":
    program = {"link": by_link, "smpp34": by_smpp34}[sys.argv[1]]
    uvloop.run(program(*map(int, sys.argv[2:])))

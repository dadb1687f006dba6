"""submit_sm over a window of 50: our link beside smpp34's client, each a process, with the same lean SMSC: this one."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import cast

import uvloop
from rich.console import Console
from rich.table import Table

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import Bind, BindResp, EnquireLink, PlainResp, SubmitSm, SubmitSmResp, Unbind
from gateway.smpp.pdu.messages import CommandId as Command

SHORT = os.environ.get("SHORT") == "1"
ROUNDS = 3 if SHORT else 7
SUBMITS = 10_000 if SHORT else 40_000
WINDOW = 50
TARGET_PER_S = 10_000
LINK, PEER = "our link", "smpp34"
PROGRAMS = {LINK: "link", PEER: "smpp34"}
ENDS_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One round."""

    cpu_us: float
    per_s: float


class Taker(asyncio.Protocol):
    """An SMSC that takes everything at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._framer = Framer()

    def data_received(self, data: bytes) -> None:
        answers = []
        for frame in self._framer.feed(data):
            pdu = codec.decode(frame)
            match pdu:
                case SubmitSm():
                    answers.append(codec.encode(SubmitSmResp(pdu.sequence, 0, "1")))
                case Bind():
                    answers.append(codec.encode(BindResp(pdu.sequence, pdu.mode, 0, "bench")))
                case EnquireLink():
                    answers.append(codec.encode(PlainResp(pdu.sequence, Command.ENQUIRE_LINK)))
                case Unbind():
                    answers.append(codec.encode(PlainResp(pdu.sequence, Command.UNBIND)))
        self._transport.write(b"".join(answers))


def run(console: Console) -> bool:
    """Measure both, round by round; whether the target is met."""
    return report(console, uvloop.run(measured()))


async def measured() -> Mapping[str, Sequence[Figure]]:
    """Every round of both."""
    server = await asyncio.get_running_loop().create_server(Taker, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    figures: dict[str, list[Figure]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            figures[name].append(await one(program, port))
    server.close()
    return figures


async def one(program: str, port: int) -> Figure:
    """One process, from its bind to its end."""
    command = ["-m", "tests.benchmarks.submitting", program, str(port), str(SUBMITS), str(WINDOW)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=subprocess.PIPE)
    try:
        async with asyncio.timeout(ENDS_WITHIN_S):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        sys.exit(f"{program} ended with {process.returncode}")
    said = json.loads(output)
    return Figure(1e6 * said["cpu_s"] / SUBMITS, SUBMITS / said["seconds"])


def report(console: Console, figures: Mapping[str, Sequence[Figure]]) -> bool:
    """The medians, and ours beside theirs round by round."""
    table = Table("submit_sm", "CPU µs", "per s", title=f"{SUBMITS} submits, window {WINDOW}, {ROUNDS} rounds")
    for name, rounds in figures.items():
        cpu_us, per_s = (median(getattr(one, field) for one in rounds) for field in ("cpu_us", "per_s"))
        table.add_row(name, f"{cpu_us:.1f}", f"{per_s:,.0f}")
    console.print(table)
    pairs = list(zip(figures[LINK], figures[PEER], strict=True))
    per_s = median(one.per_s for one in figures[LINK])
    met = per_s >= TARGET_PER_S
    console.print(
        f"our link is {median(ours.per_s / theirs.per_s for ours, theirs in pairs):.2f} x smpp34 per second and "
        f"{median(theirs.cpu_us / ours.cpu_us for ours, theirs in pairs):.2f} x per CPU-second; target "
        f"{TARGET_PER_S:,} a second: {'met' if met else 'not met'}"
    )
    return met

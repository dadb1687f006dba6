"""What the SMSC saw of a load of texts, what our books say of it, and that the two agree, part by part."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from gateway.store.verify import verify
from tests.crash.texts import LOOK_S, Texting
from tests.live.smsc import Smsc

Part = tuple[str, str, str]
"""Of a message on the wire: to whom, from which short number, its octets."""
Line = tuple[str, str]
"""A phone and a short number."""


async def assert_answered_once_and_in_order(
    texting: Texting, database_url: str, link: str, *, doubts_max: int, within_s: float, cut: bool = False
) -> int:
    """Each acknowledged text has its answer, in its order; twice is on the wire only what is in doubt in our books.
    With `cut`, the SMSC has cut its line: a text whose acknowledgement was lost with it may have a second answer
    (decision 0009). How many messages were in doubt."""
    await texting.answered(within_s)
    rows = await settled(database_url, texting.smsc, link, within_s)
    await texting.look()
    assert list(_disorder(texting)) == []
    seen = wire(await texting.smsc.pdus())
    unheard = seen.unheard if cut else Counter[Line]()
    decided_max = texting.texts + unheard.total()
    assert texting.texts <= len(rows) <= decided_max, f"{len(rows)} answers were decided: {texting.texts}, {unheard}"
    assert list(_sent_again(rows, _of(texting, seen), unheard)) == []
    doubts = sum(row.doubts for row in rows)
    assert doubts <= doubts_max, f"{doubts} messages were in doubt, where windows held {doubts_max}"
    assert await verify(database_url) == ()
    return doubts


@dataclass(frozen=True, slots=True)
class Row:
    """A message in our books: the ids that its parts have at the SMSC, as far as we know them."""

    message_id: int
    state: str
    doubts: int
    ids: Sequence[str]


async def outbox(database_url: str, link: str) -> list[Row]:
    """Every message for one SMSC, oldest first."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            """select o.message_id, o.state, o.doubts,
                      array(select p.smsc_message_id from outbox_part p where p.message_id = o.message_id order by part)
                 from outbox o where o.smsc = $1 order by o.message_id""",
            link,
        )
    finally:
        await connection.close()
    return [Row(*row) for row in rows]


LEFT = -1
"""In the place of a status: we said goodbye when the delivery was on its way."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How we answered a delivery, and after how many seconds; None: not at all."""

    status: int | None
    after_s: float


@dataclass(frozen=True, slots=True)
class Wire:
    """What the SMSC saw: the ids of all copies of each part that were not refused, None where its answer was never
    given; our answers to its deliveries; and how many deliveries to each short number it never saw answered."""

    copies: Mapping[Part, Sequence[str | None]]
    answers: Sequence[Answer]
    unheard: Counter[Line]


def wire(pdus: Sequence[Mapping[str, Any]]) -> Wire:
    """Read the SMSC's trace."""
    responses = {_exchange(pdu): pdu for pdu in pdus if pdu["pdu"] in {"SubmitSmResp", "DeliverSmResp"}}
    goodbyes = {pdu["session"]: pdu["at"] for pdu in pdus if pdu["pdu"] == "Unbind"}
    copies: dict[Part, list[str | None]] = {}
    unheard: Counter[Line] = Counter()
    answers = []
    for pdu in pdus:
        response, said = responses.get(_exchange(pdu)), pdu["fields"]
        if pdu["pdu"] == "SubmitSm" and (response is None or response["fields"]["status"] == 0):
            part = (said["destination"]["digits"], said["source"]["digits"], said["short_message"])
            copies.setdefault(part, []).append(None if response is None else response["fields"]["message_id"])
        elif pdu["pdu"] == "DeliverSm" and response is not None:
            answers.append(Answer(response["fields"]["status"], response["at"] - pdu["at"]))
        elif pdu["pdu"] == "DeliverSm":
            left_at = goodbyes.get(pdu["session"])
            answers.append(Answer(None, 0) if left_at is None else Answer(LEFT, left_at - pdu["at"]))
            unheard[said["source"]["digits"], said["destination"]["digits"]] += 1
    return Wire(copies, answers, unheard)


def _exchange(pdu: Mapping[str, Any]) -> tuple[object, ...]:
    """What a request and its answer have in common."""
    return (pdu["session"], pdu["pdu"].removesuffix("Resp"), pdu["fields"]["sequence"])


async def settled(database_url: str, smsc: Smsc, link: str, within_s: float) -> list[Row]:
    """The outbox, once every message of it is delivered and the SMSC has nothing left for us."""
    rows: Sequence[Row] = ()
    try:
        async with asyncio.timeout(within_s):
            while True:
                rows = await outbox(database_url, link)
                counts = (await smsc.state())["deliveries"]
                if {row.state for row in rows} == {"delivered"} and not counts["waiting"] + counts["sent"]:
                    return rows
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        open_ = [row for row in rows if row.state != "delivered"]
        raise AssertionError(f"not delivered within {within_s:.0f} s: {len(open_)}, as {open_[:5]}; {counts}") from None


def _disorder(texting: Texting) -> Iterator[str]:
    for phone in texting.phones.values():
        if phone.answers != phone.texted:
            yield f"{phone.msisdn} texted to {phone.texted} and heard from {phone.heard}"


def _of(texting: Texting, seen: Wire) -> Mapping[Part, Sequence[str | None]]:
    return {part: copies for part, copies in seen.copies.items() if f"+{part[0]}" in texting.phones}


def _sent_again(
    rows: Sequence[Row], seen: Mapping[Part, Sequence[str | None]], unheard: Counter[Line]
) -> Iterator[str]:
    """Parts that the SMSC got more often than our books explain, or after they had its answer."""
    owners = {smsc_id: row for row in rows for smsc_id in row.ids if smsc_id is not None}
    for part, copies in seen.items():
        phone, short_number, _ = part
        known = [smsc_id for smsc_id in copies if smsc_id is not None and smsc_id in owners]
        if not 1 <= len(known) <= 1 + unheard[phone, short_number]:
            yield f"{part} has {len(copies)} copies at the SMSC, of which our books know {known}"
        elif copies[-1] != known[-1]:
            yield f"{part} was sent again after its answer was recorded: {copies}, recorded {known}"
        elif len(copies) - len(known) > sum(owners[smsc_id].doubts for smsc_id in known):
            yield f"{part} was sent {len(copies)} times: {[owners[smsc_id] for smsc_id in known]}"

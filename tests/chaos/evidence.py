"""What can be seen when all is quiet: our books, what each SMSC saw, what the billing did. Nothing is judged here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.store.numbers import NumberKeys
from gateway.store.tracks import Target, connect
from gateway.store.verify import Fault, verify
from tests.chaos.journal import Member
from tests.chaos.stage import Stage
from tests.conftest import NUMBER_KEYS
from tests.crash.books import Wire, wire

Row = Mapping[str, Any]

OF_MEMBERS = "select number_digest, member_id from member_number"
ACCOUNTS = "select member_id, unit, posted, held from account"
EVENTS = "select event_id, member_id from source_event"
ORDERS = """
select o.order_id, order_reference(o.order_id) as reference, o.member_id, o.reward, o.fulfilment, o.state, o.price,
       o.channel, h.state as hold, h.captured
  from reward_order o left join hold h on h.member_id = o.member_id and h.hold_id = o.hold_id"""
CODES = """
select c.member_id, c.state, t.amount, t.channel
  from gift_code c left join transfer t on t.member_id = c.member_id and t.transfer_id = c.transfer_id"""
INBOX = "select inbox_id, member_id, smsc, short_number, identity, said, message_id from inbox"
OUTBOX = """
select o.message_id, o.member_id, o.smsc, o.short_number, o.kind, o.reply, o.outcome, o.facts, o.state, o.reason,
       o.doubts, o.parts, o.session is not null as of_session,
       array(select p.smsc_message_id from outbox_part p where p.message_id = o.message_id order by p.part) as ids
  from outbox o order by o.message_id"""
CONSENTS = "select member_id, given from consent order by consent_id"


@dataclass(frozen=True, slots=True)
class Books:
    """The tables that the auditor reads, row by row, by member."""

    member_ids: Mapping[str, int]
    accounts: Mapping[tuple[int, str], Row]
    events: frozenset[str]
    orders: Sequence[Row]
    codes: Mapping[int, Row]
    inbox: Sequence[Row]
    outbox: Sequence[Row]
    consents: Mapping[int, bool]
    faults: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one SMSC saw: the wire, its deliveries to us, and the texts on its phones."""

    wire: Wire
    deliveries: Sequence[Row]
    texts: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it."""

    books: Books
    traffic: Mapping[str, Traffic]
    billing: Mapping[str, Row]


async def gathered(stage: Stage, members: Sequence[Member]) -> Evidence:
    """Look at everything. Nothing moves any more."""
    traffic = {
        name: Traffic(wire(await smsc.pdus()), await smsc.deliveries(), await smsc.inbox())
        for name, smsc in stage.smscs.items()
    }
    return Evidence(await _books(stage.database_url, members), traffic, await stage.billing.orders())


async def _books(database_url: str, members: Sequence[Member]) -> Books:
    connection = await connect(Target(database_url, "auditor"))
    try:
        digests = {row["number_digest"]: row["member_id"] for row in await connection.fetch(OF_MEMBERS)}
        keys = NumberKeys.parse(NUMBER_KEYS)
        known = {one.msisdn: digests.get(keys.digests(one.msisdn)[0]) for one in members}
        outbox = [dict(row) | {"facts": orjson.loads(row["facts"])} for row in await connection.fetch(OUTBOX)]
        return Books(
            member_ids={msisdn: member_id for msisdn, member_id in known.items() if member_id is not None},
            accounts={(row["member_id"], row["unit"]): dict(row) for row in await connection.fetch(ACCOUNTS)},
            events=frozenset(row["event_id"] for row in await connection.fetch(EVENTS)),
            orders=[dict(row) for row in await connection.fetch(ORDERS)],
            codes={row["member_id"]: dict(row) for row in await connection.fetch(CODES)},
            inbox=[dict(row) for row in await connection.fetch(INBOX)],
            outbox=outbox,
            consents={row["member_id"]: row["given"] for row in await connection.fetch(CONSENTS)},
            faults=await verify(database_url),
        )
    finally:
        await connection.close()

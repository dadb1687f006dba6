"""`python smpp34_server.py PORT [MSISDN]`: an SMSC made of another codec, the smpp34 package's, as a process.

It takes messages and sends a receipt for each that asks; one that says `refuse` it refuses as throttled; one that
says `text` makes a subscriber text `Баланс` in two parts. With MSISDN, that subscriber texts it to 6111 over whatever
binds. What it sees goes to standard output, a JSON object a line.
"""

import asyncio
import json
import sys

import smpp34

TEXT = "Баланс".encode("utf-16-be")


def say(**fields: object) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


async def receipt(esme: smpp34.Esme, event: smpp34.SubmitSmEvent, message_id: str) -> None:
    """In decimal, with the parameters, as SMSCs that answer in hex often do."""
    number = str(int(message_id, 16))
    answer = await esme.deliver_sm(
        event.source_addr,
        f"id:{number} sub:001 dlvrd:001 submit date:2611210101 done date:2611210102 stat:DELIVRD err:000".encode(),
        source_addr=event.destination_addr,
        esm_class=0x04,
        tlvs=[
            smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, number.encode() + b"\0"),
            smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, b"\2"),
        ],
    )
    say(what="receipt", status=answer.command_status)


async def text(esme: smpp34.Esme, event: smpp34.SubmitSmEvent) -> None:
    for number, octets in ((2, TEXT[6:]), (1, TEXT[:6])):
        answer = await esme.deliver_sm(
            event.source_addr,
            bytes((5, 0, 3, 9, 2, number)) + octets,
            source_addr=event.destination_addr,
            esm_class=0x40,
            data_coding=8,
        )
        say(what="text", status=answer.command_status)


async def text_whole(esme: smpp34.Esme, msisdn: str) -> None:
    answer = await esme.deliver_sm(
        "6111", TEXT, source_addr=msisdn, source_addr_ton=1, source_addr_npi=1, data_coding=8
    )
    say(what="text", status=answer.command_status)


async def main(port: int, msisdn: str) -> None:
    server = smpp34.Server(host="127.0.0.1", port=port, system_id="theirs")
    await server.start()
    say(what="up")
    esmes: dict[str, smpp34.Esme] = {}
    tasks = set()
    taken = 0
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            esmes[event.session_id] = event
            say(what="bound", system_id=event.system_id)
            if msisdn:
                tasks.add(asyncio.create_task(text_whole(event, msisdn)))
        elif isinstance(event, smpp34.Unbound):
            say(what="unbound")
        elif event.short_message == b"refuse":
            event.reject(smpp34.ESME_RTHROTTLED)
        else:
            taken += 1
            message_id = f"{0xA0 + taken:X}"
            say(
                what="submit",
                source=[event.source_addr, event.source_addr_ton, event.source_addr_npi],
                destination=[event.destination_addr, event.dest_addr_ton, event.dest_addr_npi],
                octets=event.short_message.hex(),
                tlvs={tlv.tag: tlv.value.hex() for tlv in event.tlvs},
                data_coding=event.data_coding,
                esm_class=event.esm_class,
            )
            event.accept(message_id=message_id)
            esme = esmes[event.session_id]
            work = text(esme, event) if event.short_message == b"text" else None
            work = receipt(esme, event, message_id) if event.registered_delivery else work
            if work is not None:
                tasks.add(asyncio.create_task(work))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), "".join(sys.argv[2:])))

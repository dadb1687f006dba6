"""A small gateway for SMS, not ours: smpplib's client, bound to a real SMSC, that answers from a table."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from smpplib import exceptions, gsm

from tests.integration.smsc.peers import Esme, Smsc

UCS2 = 8


class Responder(Esme):
    """Answers each text by those of `answers`, from the number that was texted; any other by silence."""

    def __init__(self, smsc: Smsc) -> None:
        super().__init__(smsc, "responder")
        self.answers: dict[str, tuple[str, ...]] = {}
        self.source = ""

    def run(self) -> None:
        """Serve until the line drops."""
        try:
            self.read(lambda: False)
        except (exceptions.ConnectionError, exceptions.PDUError, OSError):
            self.client.disconnect()

    def tell(self, msisdn: str, text: str, source: str = "6111") -> None:
        """Send a text, in as many parts as it takes."""
        parts, data_coding, esm_class = gsm.make_parts(text)
        for part in parts:
            self.client.send_message(
                source_addr_ton=3,
                source_addr_npi=0,
                source_addr=source,
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=msisdn,
                short_message=part,
                data_coding=data_coding,
                esm_class=esm_class,
            )

    def _on_received(self, pdu: Any) -> int:
        texted = pdu.short_message.decode("utf-16-be" if pdu.data_coding == UCS2 else "ascii")
        for answer in self.answers.get(texted, ()):
            self.tell(pdu.source_addr.decode(), answer, self.source or pdu.destination_addr.decode())
        return self.answers_with


@contextmanager
def responding(smsc: Smsc) -> Iterator[Responder]:
    """A responder in a thread of its own."""
    responder = Responder(smsc)
    connection = responder.client._socket
    thread = Thread(target=responder.run)
    thread.start()
    try:
        yield responder
    finally:
        connection.shutdown(socket.SHUT_RDWR)
        thread.join()
        smsc.until(lambda: smsc.get("/state")["sessions"] == [], "the responder's connection is gone")

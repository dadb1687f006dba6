"""The SMSC as a process of its own, and an independent ESME: smpplib's own client."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from smpplib.client import Client

from tests.conftest import log_file
from tests.live.network import CONTROL_MAX_S
from tests.live.nursery import end
from tests.live.processes import free_port, tied

PATIENCE_S = 60.0
KNOCK_S = 0.05


class Smsc:
    """`simulator smsc` on two free ports, and what its control port says."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.control_port = free_port(), free_port()
        self.log = log_file("smsc")
        program = [sys.executable, "-m", "simulator", "smsc", *options]
        ports = ["--port", str(self.port), "--control-port", str(self.control_port)]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                tied(*program, *ports), cwd=folder, stdout=subprocess.DEVNULL, stderr=output
            )
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.control_port}", trust_env=False, timeout=CONTROL_MAX_S
        )
        # uvicorn takes the socket that was listening from the start, so the first answer is that it serves.
        self.until(self._answers, "the control port answers")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.http.close()
        end(self.process)

    def get(self, path: str, **query: Any) -> Any:
        response = self.http.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, **body: Any) -> Any:
        response = self.http.post(path, json=body)
        assert response.status_code in {200, 202}, response.text
        return response.json()

    def faults(self, **faults: Any) -> None:
        self.post("/faults", **faults)

    def texts(self, msisdn: str) -> list[str]:
        return [text["text"] for text in self.get("/inbox", msisdn=msisdn)["texts"]]

    def states(self) -> list[str]:
        """How each connection is bound, sorted."""
        return sorted(session["state"] for session in self.get("/state")["sessions"])

    def delivery(self, number: int) -> Any:
        (row, *_) = self.get("/deliveries", after=number - 1)["deliveries"]
        return row

    def until(self, reached: Callable[[], bool], what: str) -> None:
        """Ask again until it is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not reached():
            assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}\n{self.log.read_text()}"
            time.sleep(KNOCK_S)  # between two looks, not for a race

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.http.get("/state").status_code == 200
        except httpx.TransportError:
            return False


class Esme:
    """smpplib's client, bound. What it got stands in `sent`, `refused` and `received`."""

    def __init__(self, smsc: Smsc, system_id: str, mode: str = "transceiver") -> None:
        self.sent: dict[int, str] = {}
        self.refused: dict[int, int] = {}
        self.received: list[Any] = []
        self.answers_with = 0
        self.client = Client("127.0.0.1", smsc.port, timeout=5, allow_unknown_opt_params=True)
        self.client.set_message_sent_handler(self._on_sent)
        self.client.set_message_received_handler(self._on_received)
        self.client.set_error_pdu_handler(self._on_error)
        self.client.connect()
        try:
            getattr(self.client, f"bind_{mode}")(system_id=system_id, password="pass")
        except BaseException:
            self.client.disconnect()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.client.disconnect()

    def submit(self, msisdn: str, text: bytes, data_coding: int = 0, **fields: Any) -> int:
        """Send a message; its sequence."""
        sent = self.client.send_message(
            source_addr_ton=3,
            source_addr_npi=0,
            source_addr="6111",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=msisdn,
            short_message=text,
            data_coding=data_coding,
            **fields,
        )
        return int(sent.sequence)

    def read(self, until: Callable[[], object]) -> None:
        """Read and answer PDUs until it is so. Raises when nothing comes for 5 s, or the line drops."""
        while not until():
            self.client.read_once(auto_send_enquire_link=False)

    def submitted(self, msisdn: str, text: bytes, data_coding: int = 0, **fields: Any) -> str:
        """Send a message and read its id."""
        sequence = self.submit(msisdn, text, data_coding, **fields)
        self.read(lambda: sequence in self.sent or sequence in self.refused)
        return self.sent[sequence]

    def _on_sent(self, pdu: Any) -> None:
        if not pdu.is_error():
            self.sent[pdu.sequence] = pdu.message_id.decode()

    def _on_received(self, pdu: Any) -> int:
        self.received.append(pdu)
        return self.answers_with

    def _on_error(self, pdu: Any) -> None:
        self.refused[pdu.sequence] = pdu.status


def stranger(smsc: Smsc) -> socket.socket:
    """A connection that has said nothing yet."""
    return socket.create_connection(("127.0.0.1", smsc.port), timeout=5)

"""An SMS gateway over HTTP, small and real: it takes messages on a port of its own, and answers as it is told."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from tests.live.processes import free_port

Answer = tuple[int, bytes] | None
"""A status and a body; None hangs up without a word."""
HELD_MAX_S = 60.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as it was put, and its ordinal among all that came."""

    ordinal: int
    headers: Mapping[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        """The fields of a body that is a form."""
        return dict(parse_qsl(self.body, keep_blank_values=True))


def kannel(_: Taken) -> Answer:
    """smsbox in good order."""
    return 202, b"0: Accepted for delivery"


def africastalking(taken: Taken) -> Answer:
    """Africa's Talking in good order."""
    recipient = {"statusCode": 101, "number": taken.form["to"], "status": "Success", "messageId": f"AT_{taken.ordinal}"}
    return 201, json.dumps({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [recipient]}}).encode()


class SmsGateway:
    """Up between `open` and `close`, on the same port each time. `answers` are given once each, before `usual` is;
    while `hold` is cleared, no answer leaves."""

    def __init__(self, usual: Callable[[Taken], Answer]) -> None:
        self.port = free_port()
        self.usual = usual
        self.answers: list[Answer] = []
        self.taken: list[Taken] = []
        self.on_taken: Callable[[Taken], None] = lambda _: None
        self.hold = threading.Event()
        self.hold.set()
        self.busy = self.busiest = self.connections = 0
        self._lock = threading.Lock()
        self._http: ThreadingHTTPServer | None = None

    def open(self) -> None:
        """Listen."""
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}).start()

    def close(self) -> None:
        """Nobody is there."""
        self.hold.set()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _handler(gateway) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                gateway.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                answer = gateway._take({name.lower(): value for name, value in self.headers.items()}, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, said = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """Nothing: what is sent holds numbers and texts."""

        return Handler

    def _take(self, headers: Mapping[str, str], body: str) -> Answer:
        with self._lock:
            taken = Taken(len(self.taken) + 1, headers, body)
            self.taken.append(taken)
            answer = self.answers.pop(0) if self.answers else self.usual(taken)
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
        self.on_taken(taken)
        self.hold.wait(HELD_MAX_S)
        with self._lock:
            self.busy -= 1
        return answer

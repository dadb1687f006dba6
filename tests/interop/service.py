"""The application behind Kannel: answers what subscribers text, and is told what became of its answers."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from tests.live.kannel import Group

DELIVERED, FAILED, BUFFERED, ACCEPTED = 1, 2, 4, 8
"""Kannel's kinds of reports: on the phone, not on the phone, on its way, taken by the SMSC."""
ALL_KINDS = 31
UCS2 = 2  # of Kannel's own numbers for codings
PARTS_MAX = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A text that Kannel passed on."""

    msisdn: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What Kannel heard of an answer; the id is the SMSC's."""

    msisdn: str
    kind: int
    message_id: str


class Service:
    """On a port of its own for as long as the context lasts. What it answers may be changed."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.reports: list[Report] = []
        self.answer: Callable[[str], str] = echo
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def group(self) -> Group:
        """Kannel's configuration that asks it about every text."""
        return {
            "group": "sms-service",
            "keyword": "default",
            "catch-all": True,
            "get-url": f"{self.url}/text?msisdn=%p&to=%P&text=%a",
            "accept-x-kannel-headers": True,
            "concatenation": True,
            "max-messages": PARTS_MAX,
        }

    def texts(self, msisdn: str) -> list[str]:
        """What that subscriber texted, as Kannel told it."""
        return [asked.text for asked in self.asked if asked.msisdn == msisdn]

    def told(self, msisdn: str) -> list[tuple[int, str]]:
        """What became of the answers to that subscriber: kinds and ids."""
        return [(report.kind, report.message_id) for report in self.reports if report.msisdn == msisdn]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _handler(service) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = dict(parse_qsl(url.query, keep_blank_values=True))
                headers, body = service._taken(url.path, query)
                self.send_response(200)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: what is asked holds numbers and texts."""

        return Handler

    def _taken(self, path: str, query: dict[str, str]) -> tuple[dict[str, str], bytes]:
        if path == "/report":
            self.reports.append(Report(query["msisdn"], int(query["kind"]), query["id"]))
            return {}, b""
        self.asked.append(Asked(query["msisdn"], query["to"], query["text"]))
        answer = self.answer(query["text"])
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "X-Kannel-DLR-Mask": str(ALL_KINDS),
            "X-Kannel-DLR-Url": f"{self.url}/report?kind=%d&id=%F&msisdn=%p",
        }
        if _is_russian(answer):
            headers["X-Kannel-Coding"] = str(UCS2)
        return headers, answer.encode()


def echo(text: str) -> str:
    """An answer in the alphabet of the text."""
    return f"Вы написали: {text}" if _is_russian(text) else f"You wrote: {text}"


def _is_russian(text: str) -> bool:
    return re.search("[А-Яа-яЁё]", text) is not None

"""A small application that speaks Africa's Talking: what it hears, it keeps. Also over real HTTP, on loopback.

For SMS: a real SMSC, and a small gateway bound to it that answers from a table.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from simulator.billing_desk import BillingDesk
from simulator.call import Answer, Message
from simulator.deployment import Access, Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.handset import Handset
from simulator.network import Network
from simulator.world import World
from tests.integration.smsc import fixtures
from tests.integration.smsc.peers import Smsc
from tests.unit.simulator.responder import Responder, responding

WAYS = defaultdict(str, {"": "dial *123#", "1": "hello.options.1"})
"""By what was said so far."""
MENU = {
    "version": "v1",
    "start": "hello",
    "screens": [{"screen": "hello", "line": 3}, {"screen": "bye", "line": 8}, {"screen": "never", "line": 11}],
    "ways": [
        {"way": "dial *123#", "told": "by dialling *123#", "target": "hello", "line": 1},
        {"way": "hello.options.1", "told": "by 1 on hello", "target": "bye", "line": 6},
        {"way": "hello.options.2", "told": "by 2 on hello", "target": "never", "line": 7},
    ],
}


@dataclass
class Application:
    """Answers each history from a table; an unknown one is HTTP 500, as a broken application answers."""

    screens: dict[str, str] = field(default_factory=lambda: {"": "CON Привет\n1 Дальше", "1": "END Пока"})
    heard: list[Message] = field(default_factory=list)
    has_clock: bool = True
    languages_status: int = 200
    language_status: int = 200
    events_status: int = 200
    event_outcome: str = "accepted"
    end_note_status: int = 200
    advanced_s: int = 0
    drawing: str = ""
    """Of its menu; nothing where it is no demo."""
    has_menu: bool = True
    """Whether this key is shown a map of the menu."""
    processes: int = 1
    """How many take turns in answering."""
    began: float = 1.5e9
    taken: Counter[str] = field(default_factory=Counter)
    ordered: list[tuple[str, object]] = field(default_factory=list)
    """What staff did."""
    mugs: int = 3
    looks: int = 0

    def __call__(self, message: Message) -> Answer:
        if message.path == "/demo/clock":
            return self._clock(json.loads(message.body)["advance_s"])
        if message.path.startswith("/demo/menu?"):
            return Answer(200 if self.drawing else 404, "image/svg+xml", self.drawing + message.path.partition("=")[2])
        if message.path in {"/v1/menu", "/metrics"}:
            return self._looked_at(message.path)
        if message.path.startswith(("/v1/switches/", "/v1/rewards")):
            return self._staffed(message)
        if message.path == "/v1/languages":
            return Answer(self.languages_status, "application/json", '{"languages": ["ru", "en"]}')
        if message.path == "/v1/partners":
            listed = {"items": [{"partner": "kinograd", "label": {"ru": "Киноград"}}]}
            return Answer(self.languages_status, "application/json", json.dumps(listed))
        self.heard.append(message)
        if message.path == "/v1/events":
            item = {"id": "1", "outcome": self.event_outcome, "detail": "why"}
            return Answer(self.events_status, "application/json", json.dumps({"items": [item]}))
        if message.path == "/v1/members/language":
            return Answer(self.language_status, "application/json", "{}")
        if message.path.endswith("/events"):
            return Answer(self.end_note_status, "text/plain", "")
        self.taken[WAYS[self.field("text")]] += 1
        body = self.screens.get(self.field("text"))
        return Answer(500, "text/plain", "broken") if body is None else Answer(200, "text/plain", body)

    def _looked_at(self, path: str) -> Answer:
        """A menu of two screens and three ways, and how often each was taken."""
        if path == "/v1/menu":
            return Answer(200 if self.has_menu else 403, "application/json", json.dumps(MENU))
        self.looks += 1
        lines = [f'ussd_ways_total{{way="{way}"}} {count}.0' for way, count in self.taken.items() if way]
        lines.append(f"process_start_time_seconds {self.began + self.looks % self.processes}")
        return Answer(200, "text/plain", "\n".join(lines) + "\n")

    def _staffed(self, message: Message) -> Answer:
        if message.method == "GET":
            rewards = [{"reward": "mug", "left": self.mugs}, {"reward": "visit", "left": None}]
            return Answer(200, "application/json", json.dumps({"items": rewards}))
        said = json.loads(message.body)
        self.mugs += said.get("by", 0)
        self.ordered.append((message.path.removeprefix("/v1/"), said.get("name", said.get("by"))))
        return Answer(200, "application/json", "{}")

    def _clock(self, advance_s: int) -> Answer:
        self.advanced_s += advance_s
        at = json.dumps({"at": "2026-12-31T21:00:00Z", "offset_s": self.advanced_s})
        return Answer(200, "application/json", at) if self.has_clock else Answer(404, "text/plain", "")

    def field(self, name: str) -> str:
        """A field of the newest message."""
        return parse_qs(self.heard[-1].body, keep_blank_values=True)[name][0]


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def handset(application: Callable[[Message], Answer]) -> Handset:
    return Handset("+79210000001", DIALECT, application)


@contextmanager
def listening(application: Callable[[Message], Answer]) -> Iterator[str]:
    """An application's address, while it listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length).decode()
            answer = application(Message(self.command, self.path, self.headers.get("Content-Type", ""), body))
            data = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", f"{answer.content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Tests read `heard`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def url(application: Application) -> Iterator[str]:
    with listening(application) as found:
        yield found


@pytest.fixture
def serve() -> Iterator[Callable[[int, str, str], str]]:
    """Makes a program on a port that answers everything alike; gives its address."""
    with ExitStack() as programs:
        yield lambda status, kind, body: programs.enter_context(listening(lambda _: Answer(status, kind, body)))


@pytest.fixture
def deployment(url: str) -> Iterator[Deployment]:
    with Deployment(Access(url)) as found:
        yield found


running = fixtures.running("session")
smsc = fixtures.smsc


@pytest.fixture
def network(smsc: Smsc) -> Iterator[Network]:
    with Network(f"http://127.0.0.1:{smsc.control_port}") as found:
        yield found


@pytest.fixture
def world(deployment: Deployment, network: Network) -> Iterator[World]:
    """A gateway, an SMSC, and no billing."""
    with BillingDesk("http://127.0.0.1:9") as billing:  # the discard port
        yield World(deployment, network, billing)


@pytest.fixture
def alone(deployment: Deployment, nowhere: Network) -> Iterator[World]:
    """A gateway, and neither SMSC nor billing."""
    with BillingDesk("http://127.0.0.1:9") as billing:
        yield World(deployment, nowhere, billing)


@pytest.fixture
def nowhere() -> Iterator[Network]:
    """A control port that is not there: what is not about SMS must not miss it."""
    with Network("http://127.0.0.1:9") as found:  # the discard port
        yield found


@pytest.fixture
def responder(smsc: Smsc) -> Iterator[Responder]:
    with responding(smsc) as bound:
        yield bound

"""The network's side of SMS, from outside: an SMSC of `simulator smsc`, reached over its control port.

It sends what a phone texts, reads what a phone shows, and says where a text of the phone's stands. It turns a
connection's failures into sentences, and knows nothing of dialogues and terminals.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from gateway.smpp.pdu import coding
from gateway.smpp.pdu.status import described
from simulator.call import Answer, Message, Pushed
from simulator.errors import PhraseError, SmscAwayError
from simulator.gauge import Gauge, measured_sms
from simulator.remote import ABANDON_S, CONNECT_S, Remote

DEFAULT_CONTROL_URL = "http://127.0.0.1:8081"
ANSWER_S = 10.0
"""It answers from memory, but for a screen of USSD, for which it waits as a network does."""

_FATES = {
    "sent": "the gateway has it and has not acknowledged it",
    "acknowledged": "the gateway took it and sent nothing back",
}


@dataclass(frozen=True, slots=True)
class Sms:
    """One text on a phone. `number` is the SMSC's: a cursor to what comes later."""

    number: int
    source: str
    text: str
    parts: int
    gauge: Gauge
    at: datetime

    def __str__(self) -> str:
        """What a tester looks at: `43/70 UCS-2, 1 part`."""
        return f"{self.gauge}, {self.parts} part{'' if self.parts == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class State:
    """How far an SMSC has counted, the number of its newest text, PDU and screen that nobody asked for; and how it
    behaves (`smsc.faults.Faults`)."""

    texts: int
    pdus: int
    pushed: int
    faults: Mapping[str, Any]


class Network(Remote):
    """One connection to a control port. Making it asks nothing; close it, or use it in `with`."""

    def __init__(self, url: str) -> None:
        super().__init__(url, ANSWER_S)

    def answers(self) -> bool:
        """Whether an SMSC is there."""
        try:
            self.newest()
        except SmscAwayError:
            return False
        return True

    def newest(self) -> int:
        """The number of the newest text of all phones; `inbox` after it has only what comes from now on."""
        return self.state().texts

    def state(self) -> State:
        """Both cursors, after which `inbox` and `pdus` have only what comes from now on, and what faults there are."""
        state = self._get("/state")
        return State(int(state["texts"]), int(state["pdus"]), int(state["pushed"]), state["faults"])

    def order(self, orders: Mapping[str, Any]) -> None:
        """Let it behave so from now on, or do so at once (`smsc.faults.Orders`)."""
        response = self._request("POST", "/faults", json=dict(orders))
        if response.status_code == 422:
            raise PhraseError(f"the SMSC does not take this order: {'; '.join(self._read(response)['detail'])}")
        self._read(response)

    def pdus(self, after: int) -> list[dict[str, Any]]:
        """What went over the wire, oldest first; at most the thousand that follow `after`. Keys: `smsc.trace.shown`."""
        rows: list[dict[str, Any]] = self._get("/pdus", after=after)["pdus"]
        return rows

    def reset(self) -> None:
        """Let it be in good order again."""
        self._read(self._request("DELETE", "/faults"))

    def text(self, msisdn: str, to: str, text: str, link: str = "") -> tuple[int, ...]:
        """Text from a phone; the numbers of its parts, for `fate`. `link` is the system_id of the only ESME that is to
        have it."""
        mo = {"msisdn": msisdn, "to": to, "text": text, "system_id": link}
        response = self._request("POST", "/mo", json=mo)
        if response.status_code == 422:
            raise PhraseError(f"the SMSC does not take this text: {'; '.join(self._read(response)['detail'])}")
        return tuple(self._read(response)["deliveries"])

    def ussd(self, message: Message) -> Answer:
        """Let the SMSC carry what a subscriber does at a USSD gateway, and give back what came."""
        content, headers = message.body.encode(), message.all_headers
        response = self._request(message.method, message.target(), content=content, headers=headers)
        return Answer(response.status_code, response.headers.get("content-type", ""), response.text)

    def pushed(self, msisdn: str, link: str, after: int) -> list[Pushed]:
        """Screens that the application showed this phone unasked, over the account of that system_id, oldest first."""
        rows = self._get("/ussd", msisdn=msisdn, after=after)["pushed"]
        return [Pushed(row["number"], row["source"], row) for row in rows if row["system_id"] == link]

    def abandon(self, message: Message) -> None:
        """The same, and break the connection off before there is a screen. The SMSC has sent it all the same."""
        content, headers = message.body.encode(), message.all_headers
        brief = httpx.Timeout(ANSWER_S, connect=CONNECT_S, read=ABANDON_S)
        with suppress(SmscAwayError):
            self._request(message.method, message.target(), content=content, headers=headers, timeout=brief)

    def inbox(self, msisdn: str, after: int = 0) -> list[Sms]:
        """What a phone shows, oldest first; at most the thousand that follow `after`."""
        return [_sms(text) for text in self._get("/inbox", msisdn=msisdn, after=after)["texts"]]

    def fate(self, deliveries: Collection[int]) -> str:
        """Where a text stands that was sent from here, in words."""
        after = min(deliveries) - 1
        rows = [row for row in self._get("/deliveries", after=after)["deliveries"] if row["number"] in deliveries]
        if not rows:
            return "the SMSC has forgotten it"
        row = next((row for row in rows if row["fate"] != "acknowledged"), rows[-1])
        match row["fate"]:
            case "dropped":
                return f"the gateway refused it for good ({described(row['status'])})"
            case "waiting" if row["status"] is not None:
                return f"the gateway refused it for now ({described(row['status'])}), and the SMSC sends it again"
            case "waiting" if self._has_bound():
                return "the SMSC keeps it and has not sent it on yet: its /faults may say why"
            case "waiting":
                return "the SMSC keeps it, as no gateway is bound: GATEWAY_SMPP tells a gateway where to bind"
            case fate:
                return _FATES[fate]

    def _has_bound(self) -> bool:
        return any(session["state"].startswith("bound") for session in self._get("/state")["sessions"])

    def _get(self, path: str, **query: str | int) -> Any:
        return self._read(self._request("GET", path, params=query))

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            return self.http.request(method, path, **arguments)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise SmscAwayError(
                f"no SMSC answers at {self.url} ({error or type(error).__name__}), and without one there is no SMS "
                "here: start one with `make run`, or name its control port by --control-url or SIMULATOR_CONTROL_URL"
            ) from None

    def _read(self, response: httpx.Response) -> Any:
        """An answer's JSON. Another program on the port answers otherwise."""
        is_json = response.headers.get("content-type", "").startswith("application/json")
        if response.status_code not in {200, 202, 422} or not is_json:
            raise SmscAwayError(
                f"what answers at {self.url} is no SMSC of the simulator (HTTP {response.status_code}): "
                "name the control port of one by --control-url or SIMULATOR_CONTROL_URL"
            )
        return response.json()


def _sms(text: dict[str, Any]) -> Sms:
    parts = int(text["parts"])
    gauge = measured_sms(text["text"], parts, ucs2=text["data_coding"] == coding.UCS2)
    return Sms(text["number"], text["source"], text["text"], parts, gauge, datetime.fromtimestamp(text["at"], UTC))

"""A gateway under test, reached as the network and the operator's systems reach it: over HTTP, from outside.

It holds the address and what proves who we are, turns a connection's failures into sentences, and knows nothing
of screens. The whole simulator shares one read timeout: the longest that a network waits for a hop.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from simulator.call import Answer, Message
from simulator.errors import EventRefusedError, GatewayDownError, HopFailedError, NotPlayableError, SimulatorError
from simulator.phrases import Grant, Happening
from simulator.remote import ABANDON_S, CONNECT_S, Remote

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_API_KEY = "demo"
ANSWER_S = 10.0  # networks end the session after 5 to 25 s; ours promises 8
TAKEN = frozenset({"accepted", "repeated"})
"""The outcomes of an event that is in the gateway's store."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the gateway is, and our proofs: the API's key, and the secret at the end of a dialect's path."""

    url: str = DEFAULT_URL
    api_key: str = DEFAULT_API_KEY
    secret: str = ""


@dataclass(frozen=True, slots=True)
class ChartedScreen:
    """A screen of the gateway's menu, and its line in the file."""

    screen: str
    line: int


@dataclass(frozen=True, slots=True)
class ChartedWay:
    """A way to a screen: what counts call it, how it is taken, and the line that names its target."""

    way: str
    told: str
    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Charted:
    """The menu that a gateway serves, as a map."""

    version: str
    screens: tuple[ChartedScreen, ...]
    ways: tuple[ChartedWay, ...]


class Deployment(Remote):
    """One connection to a gateway. Close it, or use it in `with`."""

    def __init__(self, access: Access) -> None:
        super().__init__(access.url, ANSWER_S)
        self.access = access

    def send(self, message: Message) -> Answer:
        """Send what a USSD gateway sends, and give back what came."""
        response = self._carried(message)
        return Answer(
            response.status_code, response.headers.get("content-type", ""), response.text, dict(response.headers)
        )

    def abandon(self, message: Message) -> None:
        """Send what a USSD gateway sends, and break the connection off before there is an answer."""
        with suppress(HopFailedError):
            self._carried(message, timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S, read=ABANDON_S))

    def tell(self, msisdn: str, happening: Happening) -> str:
        """Report an event of a subscriber, as the operator's billing would; gives its outcome in one word."""
        event = {"id": f"simulator-{uuid4().hex}", "msisdn": msisdn, **happening.body()}
        response = self._request("POST", "/v1/events", json=event, headers={"X-API-Key": self.access.api_key})
        if response.status_code in {401, 403}:
            raise NotPlayableError("the gateway does not take events with this API key: name one by SIMULATOR_API_KEY")
        if response.status_code != 200:
            raise EventRefusedError(
                f"the gateway refused the event, HTTP {response.status_code}: {response.text[:300]}"
            )
        (item,) = response.json()["items"]
        if item["outcome"] not in TAKEN:
            raise EventRefusedError(f"the gateway did not take the event: {item['outcome']}, {item.get('detail', '')}")
        return str(item["outcome"])

    def issue_gift_code(self, msisdn: str, grant: Grant) -> str:
        """A gift code that works from this number only, as the operator's staff issue it."""
        asked = {"campaign": "simulator", "grant": grant.body(), "msisdns": [msisdn]}
        (row,) = self._ordered("/v1/codes/batches", asked, "gift code")["codes"]
        return str(row["gift_code"])

    def choose_language(self, msisdn: str, language: str) -> None:
        """Staff choose in which language the programme speaks to this number, one that never came too."""
        self._ordered("/v1/members/language", {"msisdn": msisdn, "language": language}, "language")

    def throw_switch(self, name: str) -> None:
        """Staff stop something for everybody."""
        self._ordered("/v1/switches/throw", {"name": name, "reason": "a dialogue"}, f"switch {name}")

    def close_switch(self, name: str) -> None:
        """Staff let it go on."""
        self._ordered("/v1/switches/close", {"name": name}, f"switch {name}")

    def stock(self, reward: str) -> int:
        """How many there are of a reward. Raises `EventRefusedError` for one that nobody counts."""
        rewards = {row["reward"]: row for row in self._listed("/v1/rewards").get("items", [])}
        if reward not in rewards or rewards[reward]["left"] is None:
            raise EventRefusedError(f"the gateway counts no stock of {reward!r}")
        return int(rewards[reward]["left"])

    def change_stock(self, reward: str, by: int) -> None:
        """Staff put so many more in, or take them out."""
        self._ordered(f"/v1/rewards/{reward}/stock", {"by": by}, f"stock of {reward}")

    def push(self, msisdn: str, name: str, smsc: str) -> int:
        """Show something of the menu on this phone unasked, by the links of that SMSC; its number, for `push_state`."""
        asked = {"msisdn": msisdn, "push": name, "smsc": smsc}
        return int(self._ordered("/v1/pushes", asked, "push")["push_id"])

    def push_state(self, push_id: int) -> tuple[str, str]:
        """Where a push stands, and why."""
        found = self._listed(f"/v1/pushes/{push_id}")
        return str(found.get("state", "unknown")), str(found.get("reason", ""))

    def pushes(self) -> list[str]:
        """What the menu can show unasked; nothing where nobody tells."""
        return [row["push"] for row in self._listed("/v1/pushes").get("items", [])]

    def languages(self) -> list[str]:
        """The programme's languages, the usual one first; none where the gateway, or this API key, does not tell."""
        found: list[str] = self._listed("/v1/languages").get("languages", [])
        return found

    def partners(self) -> list[dict[str, Any]]:
        """The programme's partners, each with its label by language; none where nobody tells."""
        found: list[dict[str, Any]] = self._listed("/v1/partners").get("items", [])
        return found

    def member(self, msisdn: str) -> dict[str, Any] | None:
        """The account, as care sees it; None for a number that never came. Raises `NotPlayableError` without the
        right key."""
        return self._looked("/v1/members/lookup", {"msisdn": msisdn})

    def timeline(self, msisdn: str, limit: int) -> list[dict[str, Any]]:
        """What happened to the number, newest first: postings, holds, orders, messages."""
        found = self._looked("/v1/timeline", {"msisdn": msisdn, "limit": limit})
        items: list[dict[str, Any]] = [] if found is None else found["items"]
        return items

    def session(self, msisdn: str) -> dict[str, Any] | None:
        """The number's newest USSD session as it lies in Redis; None where there is none, or no demo."""
        return self._looked("/demo/session", {"msisdn": msisdn})

    def menu(self, language: str) -> str | None:
        """The menu that it serves as a drawing, SVG; None where it shows none, as only a demo does."""
        response = self._request("GET", "/demo/menu", params={"language": language})
        if response.status_code in {404, 405}:
            return None
        if response.status_code != 200:
            raise SimulatorError(f"the gateway draws no menu, HTTP {response.status_code}: {response.text[:300]}")
        return response.text

    def charted(self) -> Charted:
        """The menu that it serves, as a map. Raises `NotPlayableError` without the right key."""
        found = self._listed("/v1/menu")
        if not found:
            raise NotPlayableError(
                "the gateway shows no map of its menu (/v1/menu): name a key by SIMULATOR_API_KEY, one of `reports`"
            )
        screens = tuple(ChartedScreen(**screen) for screen in found["screens"])
        return Charted(found["version"], screens, tuple(ChartedWay(**way) for way in found["ways"]))

    def metrics(self) -> str:
        """What it has counted, in the form of Prometheus, over a connection of its own: where several processes answer
        at one address, each may."""
        response = self._request("GET", "/metrics", headers={"Connection": "close"})
        if response.status_code != 200:
            raise NotPlayableError(
                f"the gateway shows no metrics, HTTP {response.status_code}: name the address of the gateway itself, "
                "not of what stands before it, by --url"
            )
        return response.text

    def frozen(self) -> list[str] | None:
        """Which of its stores hang; None where that cannot be ordered."""
        response = self._request("GET", "/demo/stores", timeout=CONNECT_S)
        if response.status_code != 200:
            return None
        names: list[str] = response.json()["frozen"]
        return names

    def freeze(self, store: str, seconds: float) -> None:
        """Let a store hang for so long; 0 ends it. Raises `NotPlayableError` where that cannot be ordered."""
        response = self._request("POST", "/demo/stores", json={"store": store, "seconds": seconds})
        if response.status_code in {404, 405}:
            raise NotPlayableError("the stores of this gateway cannot be made to hang from here: only a demo's can")
        if response.status_code != 200:
            raise SimulatorError(f"the store does not hang, HTTP {response.status_code}: {response.text[:300]}")

    def advance(self, seconds: int) -> datetime | None:
        """Move the virtual clock forward and give its new time; None where the deployment has no such clock."""
        response = self._request("POST", "/demo/clock", json={"advance_s": seconds})
        if response.status_code in {404, 405}:
            return None
        if response.status_code != 200:
            raise SimulatorError(f"the clock did not move, HTTP {response.status_code}: {response.text[:300]}")
        return datetime.fromisoformat(response.json()["at"])

    def ready(self) -> bool:
        """Whether the gateway says that it can serve."""
        try:
            return self._request("GET", "/health/ready").status_code == 200
        except (GatewayDownError, HopFailedError):
            return False

    def _looked(self, path: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        response = self._request("POST", path, json=asked, headers={"X-API-Key": self.access.api_key})
        if response.status_code in {401, 403}:
            raise NotPlayableError("the gateway shows nothing for this API key: name one by SIMULATOR_API_KEY")
        if response.status_code == 404:
            return None
        if response.status_code != 200:
            raise SimulatorError(f"the gateway does not tell, HTTP {response.status_code}: {response.text[:300]}")
        found: dict[str, Any] = response.json()
        return found

    def _listed(self, path: str) -> dict[str, Any]:
        """What the programme has of something; nothing from a gateway, or for a key, that does not tell."""
        response = self._request("GET", path, headers={"X-API-Key": self.access.api_key}, timeout=CONNECT_S)
        if response.status_code in {401, 403, 404}:
            return {}
        if response.status_code != 200:
            raise SimulatorError(f"the gateway does not tell, HTTP {response.status_code}: {response.text[:300]}")
        listed: dict[str, Any] = response.json()
        return listed

    def _ordered(self, path: str, asked: dict[str, Any], what: str) -> dict[str, Any]:
        """What staff order, once; `what` is its name in a sentence. Raises with it when it is not done."""
        headers = {"X-API-Key": self.access.api_key, "Idempotency-Key": f"simulator-{uuid4().hex}"}
        response = self._request("POST", path, json=asked, headers=headers)
        if response.status_code in {401, 403}:
            raise NotPlayableError(f"the gateway takes no {what} by this API key: name one by SIMULATOR_API_KEY")
        if response.status_code not in {200, 201, 202}:
            raise EventRefusedError(
                f"the gateway refused the {what}, HTTP {response.status_code}: {response.text[:300]}"
            )
        done: dict[str, Any] = response.json()
        return done

    def _carried(self, message: Message, **how: Any) -> httpx.Response:
        target, headers = message.target(self.access.secret), message.all_headers
        return self._request(message.method, target, content=message.body.encode(), headers=headers, **how)

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            return self.http.request(method, path, **arguments)
        except httpx.TimeoutException:
            raise HopFailedError(f"the gateway at {self.access.url} did not answer within {ANSWER_S:.0f} s") from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise GatewayDownError(
                f"no gateway answers at {self.access.url} ({error}): start one with `make run`, "
                "or name another by --url or SIMULATOR_URL"
            ) from None

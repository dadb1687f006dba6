"""The SMSC as a process of its own, to be disturbed, killed and started again. It ends with this test process."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.conftest import log_file
from tests.live import nursery
from tests.live.network import CONTROL_MAX_S, until_answered
from tests.live.nursery import end
from tests.live.processes import environment, free_port

ROWS_MAX = 1000
"""Of one answer of the control port."""
PDUS_MAX = 60_000
"""What the SMSC remembers of the wire."""


class Smsc:
    """`simulator smsc` on two free ports, and what its control port says. A new life remembers nothing."""

    def __init__(self, folder: Path) -> None:
        self.port, self.control_port = free_port(), free_port()
        self._folder = folder
        self._log = log_file("smsc")
        self._process: nursery.Child | None = None
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.control_port}", trust_env=False, timeout=CONTROL_MAX_S
        )

    def start(self) -> None:
        """Start it, or start it again. It may be asked at once."""
        assert self._process is None, "it lives already"
        ports = ["--port", str(self.port), "--control-port", str(self.control_port)]
        program = ["simulator", "smsc", *ports]
        self._process = nursery.start(program, self._folder, environment(), Path(os.devnull), self._log)

    def kill(self) -> None:
        """kill -9, and wait for the death."""
        assert self._process is not None, "it is not running"
        self._process.kill()
        self._process.wait()
        self._process = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._http.aclose()
        if self._process is not None:
            end(self._process)

    def link(self, name: str, **parameters: object) -> str:
        """A link to it for `GATEWAY_SMPP`: `name` is both the account and what the gateway calls this SMSC."""
        query = "".join(f"&{parameter}={value}" for parameter, value in parameters.items())
        return f"smpp://{name[:15]}:pass@127.0.0.1:{self.port}?smsc={name}{query}"

    async def text(self, msisdn: str, to: str, text: str, link: str = "") -> Sequence[int]:
        """A phone texts; with `link`, over that link alone. The numbers of its deliveries."""
        body = {"msisdn": msisdn, "to": to, "text": text, "system_id": link[:15]}
        return (await self._ask("POST", "/mo", json=body))["deliveries"]

    async def deliveries(self, after: int = 0) -> Sequence[dict[str, Any]]:
        """What it had for gateways, texts and receipts, and where each stands."""
        return await self._rows("deliveries", after)

    async def inbox(self, after: int = 0) -> Sequence[dict[str, Any]]:
        """What phones have received, oldest first."""
        return await self._rows("texts", after, "/inbox")

    async def pdus(self) -> Sequence[dict[str, Any]]:
        """Everything that went over the wire."""
        seen = await self._rows("pdus", 0)
        assert not seen or seen[0]["number"] == 1, f"more than {PDUS_MAX} PDUs: the SMSC has forgotten the first"
        return seen

    async def state(self) -> dict[str, Any]:
        """Who is bound, and how many of everything there are."""
        return await self._ask("GET", "/state")

    async def bound(self, link: str) -> bool:
        """Whether that link is bound."""
        sessions = (await self.state())["sessions"]
        return any(one["system_id"] == link[:15] and one["state"].startswith("bound") for one in sessions)

    async def faults(self, **faults: object) -> None:
        """Behave so from now on."""
        await self._ask("POST", "/faults", json=faults)

    async def _rows(self, name: str, after: int, path: str = "") -> Sequence[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page = (await self._ask("GET", path or f"/{name}", params={"after": after}))[name]
            rows += page
            if len(page) < ROWS_MAX:
                return rows
            after = page[-1]["number"]

    async def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            response = await self._http.request(method, path, **request)
            assert response.status_code in {200, 202}, response.text
            return dict(response.json())

        return await until_answered(once)

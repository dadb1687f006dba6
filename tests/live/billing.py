"""The operator's billing as a process of its own, to be disturbed, killed and started again."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.conftest import log_file
from tests.live import nursery
from tests.live.network import CONTROL_MAX_S, until_answered
from tests.live.nursery import end
from tests.live.processes import environment, free_port

KEY = "the-billing-key-of-tests"


class Billing:
    """`simulator billing` on a free port, and what its control path says. A new life remembers nothing."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._log = log_file("billing")
        self._process: nursery.Child | None = None
        self._http = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=CONTROL_MAX_S)

    def settings(self, repeats: str, timeout_s: float = 1.0) -> dict[str, str]:
        """What a gateway is told of it."""
        return {
            "GATEWAY_BILLING_URL": self.url,
            "GATEWAY_BILLING_KEY": KEY,
            "GATEWAY_BILLING_REPEATS": repeats,
            "GATEWAY_BILLING_TIMEOUT_S": str(timeout_s),
        }

    def start(self) -> None:
        """Start it, or start it again. It may be asked at once."""
        assert self._process is None, "it lives already"
        program = ["simulator", "billing", "--port", str(self.port), "--key", KEY]
        self._process = nursery.start(program, self._folder, environment(), Path(os.devnull), self._log)

    def kill(self) -> None:
        """kill -9, and wait for the death."""
        assert self._process is not None, "it is not running"
        self._process.kill()
        self._process.wait()
        self._process = None

    async def __aenter__(self) -> Self:
        self.start()
        await self.orders()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._http.aclose()
        if self._process is not None:
            end(self._process)

    async def behave(self, **faults: object) -> None:
        """Behave so from now on, and as a billing in good order otherwise."""
        await self._ask("DELETE", "/faults")
        await self._ask("POST", "/faults", json=faults)

    async def orders(self) -> Mapping[str, Mapping[str, Any]]:
        """What came to it, by the name under which it came."""
        return {row["order_id"]: row for row in (await self._ask("GET", "/orders"))["orders"]}

    async def forget(self) -> None:
        """Empty its books."""
        await self._ask("DELETE", "/orders")

    async def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            response = await self._http.request(method, path, **request)
            assert response.status_code == 200, response.text
            return dict(response.json())

        return await until_answered(once)

"""The operator's billing of `simulator billing`, from outside: how it behaves, told over its port.

It asks nothing before somebody orders something, since most stories need no billing that fails.
"""

from collections.abc import Mapping
from typing import Any

import httpx

from simulator.errors import BillingAwayError, PhraseError
from simulator.remote import Remote

DEFAULT_BILLING_URL = "http://127.0.0.1:8082"
ANSWER_S = 5.0


class BillingDesk(Remote):
    """One connection to a billing. Close it, or use it in `with`."""

    def __init__(self, url: str) -> None:
        super().__init__(url, ANSWER_S)

    def faults(self) -> Mapping[str, Any]:
        """How it behaves (`billing.Faults`)."""
        return self._asked("GET")

    def order(self, orders: Mapping[str, Any]) -> None:
        """Let it behave so from now on; what is not named stays."""
        self._asked("POST", json=dict(orders))

    def reset(self) -> None:
        """Let it be in good order again."""
        self._asked("DELETE")

    def _asked(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            response = self.http.request(method, "/faults", **arguments)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise BillingAwayError(
                f"no billing answers at {self.url} ({error or type(error).__name__}): start one with `make run`, "
                "or name another by --billing-url or SIMULATOR_BILLING_URL"
            ) from None
        if response.status_code == 422:
            raise PhraseError(f"the billing does not take this order: {'; '.join(response.json()['detail'])}")
        if response.status_code != 200 or "json" not in response.headers.get("content-type", ""):
            raise BillingAwayError(
                f"what answers at {self.url} is no billing of the simulator (HTTP {response.status_code}): "
                "name one by --billing-url or SIMULATOR_BILLING_URL"
            )
        said: Mapping[str, Any] = response.json()
        return said

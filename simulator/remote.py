"""What the simulator reaches over HTTP: one connection to it, which its user closes, or holds in `with`.

Making it asks nothing. A proxy of this machine's has no business between a tester and what is tested.
"""

from types import TracebackType
from typing import Self

import httpx

CONNECT_S = 2.0
ABANDON_S = 0.001
"""Long enough to have sent a request, and too short for any answer."""


class Remote:
    """A connection to the program at `url`, which has `answer_s` seconds for each answer."""

    def __init__(self, url: str, answer_s: float) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=httpx.Timeout(answer_s, connect=CONNECT_S), trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

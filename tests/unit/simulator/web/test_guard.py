"""Who may use the page: names of this machine, and pages of its own."""

import socket

import pytest
from starlette.datastructures import Headers

from simulator.web.guard import refused


@pytest.mark.parametrize(
    ("listens", "asked", "origin", "allowed"),
    [
        pytest.param("127.0.0.1", "127.0.0.1:8081", None, True, id="by address"),
        pytest.param("127.0.0.1", "localhost:8081", "http://localhost:8081", True, id="by name"),
        pytest.param("127.0.0.1", "LOCALHOST", None, True, id="names have no case"),
        pytest.param("127.0.0.1", "[::1]:8081", "http://[::1]:8081", True, id="IPv6"),
        pytest.param("127.0.0.1", "evil.example:8081", None, False, id="a name that was bent to us"),
        pytest.param("127.0.0.1", "127.0.0.1.evil.example", None, False, id="a name that looks like ours"),
        pytest.param("127.0.0.1", "", None, False, id="no Host at all"),
        pytest.param("127.0.0.1", "[", None, False, id="rubbish"),
        pytest.param("127.0.0.1", "127.0.0.1:8081", "https://evil.example", False, id="a stranger's page"),
        pytest.param("127.0.0.1", "127.0.0.1:8081", "http://127.0.0.1:9999", False, id="a page of another port"),
        pytest.param("127.0.0.1", "127.0.0.1:8081", "null", False, id="a page from nowhere"),
        pytest.param("127.0.0.1", "192.0.2.7:8081", None, False, id="an address, on loopback"),
        pytest.param("bench.example", "bench.example:80", "http://bench.example:80", True, id="the name it was given"),
        pytest.param("0.0.0.0", "192.0.2.7:8081", "http://192.0.2.7:8081", True, id="everywhere, by address"),  # noqa: S104 - only read
        pytest.param("0.0.0.0", f"{socket.gethostname()}:1", None, True, id="everywhere, by the machine's name"),  # noqa: S104 - only read
        pytest.param("0.0.0.0", "evil.example", None, False, id="everywhere, by a stranger's name"),  # noqa: S104 - only read
    ],
)
def test_who_may_ask(listens: str, asked: str, origin: str | None, allowed: bool) -> None:
    headers = {"host": asked} | ({} if origin is None else {"origin": origin})
    assert (refused(Headers(headers), listens) == "") is allowed

"""URLs as operators write them: every command takes the same ones, and a wrong one ends in a sentence."""

import getpass
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from gateway.errors import ConfigurationError, GatewayError, StoreUnavailableError
from gateway.store.ledger import Ledger
from gateway.store.members import show
from gateway.store.migrate import migrate
from gateway.store.numbers import NumberKeys
from gateway.store.schema import clock_offset_s
from gateway.store.urls import checked, connect
from gateway.store.verify import verify
from tests.integration.store.traffic import AT, NUMBER, NUMBER_KEYS, enrolled

pytestmark = pytest.mark.anyio


def hosts_in_front(url: str) -> str:
    """The same server with another before it, where nobody is: `postgresql://user@h1:5432,h2:5432/database`."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    here = f"{quote(query['host'][0], safe='')}:{query['port'][0]}"
    return f"postgresql://gateway@{quote('/nowhere', safe='')}:5432,{here}{parts.path}"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("sslmode=prefer", id="sslmode"),
        pytest.param("application_name=loyalty", id="application_name"),
        pytest.param("connect_timeout=5", id="connect_timeout"),
        pytest.param("sslmode=disable&connect_timeout=5&keepalives=1&target_session_attrs=any", id="several"),
        pytest.param("jit=off", id="a setting of the server"),
        pytest.param(None, id="several hosts"),
    ],
)
async def test_what_a_url_may_say(ledger: Ledger, database_url: str, said: str | None) -> None:
    await enrolled(ledger)
    url = hosts_in_front(database_url) if said is None else f"{database_url}&{said}"
    assert (await migrate(url, demo=True, at=AT)).demo
    assert await clock_offset_s(url) == 0
    member = await show(url, NumberKeys.parse(NUMBER_KEYS), NUMBER, AT)
    assert member is not None
    assert member.msisdn == NUMBER
    assert await verify(url) == ()


WRONG = [
    pytest.param("mysql://u@h/d", ConfigurationError, "begins with postgresql://", id="another database"),
    pytest.param("no url", ConfigurationError, "begins with postgresql://", id="no URL at all"),
    pytest.param("postgresql://u:hunter2@[::1/d", ConfigurationError, "is no URL", id="half an address"),
    pytest.param("postgresql://u:hunter2@h:54x2/d", ConfigurationError, "a port is a number", id="a port in letters"),
    pytest.param("postgresql://u:hunter2@h:0/d", ConfigurationError, "from 1 to 65535", id="port nought"),
    pytest.param("postgresql://u:hunter2@h:65536/d", ConfigurationError, "from 1 to 65535", id="a port too high"),
    pytest.param("postgresql://u:hunter2@h:1,i:x/d", ConfigurationError, "a port is a number", id="the second port"),
    pytest.param("postgresql://u:hunter2@x@h:1/d", ConfigurationError, "@ are written", id="a password with an @"),
    pytest.param("postgresql://u:hunter2/x@h:1/d", ConfigurationError, "are written", id="a password with a slash"),
    pytest.param("postgresql://h/d?sslmode", ConfigurationError, "is no URL", id="a parameter without a value"),
    pytest.param("postgresql://u@h/d?sslmode=perhaps", ConfigurationError, "`sslmode` parameter must be", id="sslmode"),
    pytest.param("postgresql://u@127.0.0.1:1/d", StoreUnavailableError, "does not answer", id="nobody there"),
]


@pytest.mark.parametrize(("url", "error", "says"), WRONG)
async def test_a_url_that_leads_nowhere_is_told_in_a_sentence(url: str, error: type[GatewayError], says: str) -> None:
    keys = NumberKeys.parse(NUMBER_KEYS)
    for attempt in (migrate(url, demo=True, at=AT), show(url, keys, NUMBER, AT), clock_offset_s(url)):
        with pytest.raises(error) as refusal:
            await attempt
        assert says in str(refusal.value)
        assert "hunter2" not in str(refusal.value), "the URL's password is nobody's business"


async def test_a_parameter_that_nobody_knows_is_named(database_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sslmod.*correct that parameter or take it out"):
        await migrate(f"{database_url}&sslmod=require", demo=True, at=AT)


@pytest.mark.parametrize(
    "url", ["postgresql://h", "postgres://u:p%40@[::1]:5432,h/d", "postgresql://u@/d?host=/run/a b"]
)
def test_urls_that_are_right(url: str) -> None:
    assert checked(url).startswith("postgres")


async def test_a_nameless_uid_is_told_to_name_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", nobody)
    monkeypatch.delenv("PGUSER", raising=False)
    with pytest.raises(ConfigurationError, match="names no user"):
        await connect("postgresql://127.0.0.1:1/d", {})

"""Versions of a pack, found in the store by whoever meets what another version decided."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from gateway.errors import ConfigurationError
from gateway.pack import Pack
from gateway.store.ledger import Ledger
from gateway.store.packs import VERSIONS_MAX, PackLibrary
from tests.conftest import open_ledger
from tests.integration.store.traffic import AT

pytestmark = pytest.mark.anyio


class Compiler:
    """Makes a word of a version, and counts."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def make(self, files: Mapping[str, str]) -> str | None:
        word = files["word"]
        self.made.append(word)
        if word == "faulty":
            raise ConfigurationError("this version does not compile")
        return word or None


async def stored(database_url: str, pack: Pack, digest: str, word: str) -> None:
    """A gateway with another version was here."""
    other = open_ledger(database_url, replace(pack, files={"word": word}, menu=replace(pack.menu, digest=digest)))
    await other.open(AT)
    await other.close()


@pytest.mark.parametrize(
    ("word", "found"),
    [
        pytest.param("hello", "hello", id="one that compiles"),
        pytest.param("faulty", None, id="one that does not compile"),
        pytest.param("", None, id="one that has nothing of the kind"),
    ],
)
async def test_a_version_is_compiled_once(
    ledger: Ledger, database_url: str, pack: Pack, word: str, found: str | None
) -> None:
    await stored(database_url, pack, "then", word)
    compiler = Compiler()
    library = PackLibrary(ledger, "now", "now", compiler.make)
    assert await asyncio.gather(*(library.version("then") for _ in range(5))) == [found] * 5
    assert await library.version("then") == found
    assert compiler.made == [word]


async def test_a_version_may_appear_later_and_unknown_ones_cost_no_memory(
    ledger: Ledger, database_url: str, pack: Pack
) -> None:
    compiler = Compiler()
    library = PackLibrary(ledger, "now", "now", compiler.make)
    await ledger.open(AT)
    assert await library.version("then") is None
    await stored(database_url, pack, "then", "hello")
    assert await library.version("then") == "hello"
    for nth in range(VERSIONS_MAX + 1):
        assert await library.version(f"unknown {nth}") is None
    assert await library.version("then") == "hello"
    assert compiler.made == ["hello"]

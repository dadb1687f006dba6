"""Packs by version: what a posting, a session or a message refers to can be read again to the letter.

A gateway writes its pack's files when it starts. A session that began with another version finds that version's
menu here, compiled once and remembered.
"""

import json
from collections.abc import Callable, Mapping

from gateway.errors import ConfigurationError
from gateway.menu.model import Menu
from gateway.store.ledger import Ledger
from gateway.store.statements import PACK_FILES

VERSIONS_MAX = 16
"""Menus of older versions kept in memory; sessions live for minutes, so more than two is rare."""


class PackLibrary:
    """Implements `ussd.conversation.MenuLibrary`. `compile_menu` makes a menu of a pack's files."""

    def __init__(self, ledger: Ledger, current: Menu, compile_menu: Callable[[Mapping[str, str]], Menu]) -> None:
        self._ledger = ledger
        self._current = current
        self._compile = compile_menu
        self._older: dict[str, Menu] = {}

    @property
    def current(self) -> Menu:
        """What a new session begins with."""
        return self._current

    async def version(self, digest: str) -> Menu | None:
        """The menu of that version; None when its files were never stored here."""
        if digest == self._current.digest:
            return self._current
        if digest not in self._older:
            row = await self._ledger.one(PACK_FILES, digest)
            if len(self._older) >= VERSIONS_MAX:
                self._older.clear()
            if row["files"] is None:
                return None  # perhaps not yet: the gateway that serves it may be without its store
            try:
                self._older[digest] = self._compile(json.loads(row["files"]))
            except ConfigurationError:
                return None  # written before a check that it does not pass: its sessions are as good as lost
        return self._older[digest]

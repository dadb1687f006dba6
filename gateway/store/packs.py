"""Packs by version: what a posting, a session or a message refers to can be read again to the letter.

A gateway writes its pack's files when it starts, and again before it serves what they have become. A session that
began with another version finds that version's menu here, a message that was decided by another its words; each is
compiled once and remembered.
"""

import json
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from gateway.errors import ConfigurationError
from gateway.store.ledger import Ledger
from gateway.store.statements import PACK_FILES

VERSIONS_MAX = 16
"""Older versions kept in memory; sessions live for minutes and messages for days, so more than two is rare."""

Made = TypeVar("Made")


class PackLibrary(Generic[Made]):
    """What is made of a pack's files, by the pack's digest: its menu, or its words. `make` compiles those of others."""

    def __init__(
        self, ledger: Ledger, digest: str, current: Made, make: Callable[[Mapping[str, str]], Made | None]
    ) -> None:
        self._ledger = ledger
        self._digest = digest
        self._current = current
        self._make = make
        self._older: dict[str, Made | None] = {}

    @property
    def current(self) -> Made:
        """Of the version that this process decides by."""
        return self._current

    def adopt(self, digest: str, current: Made) -> None:
        """Decide by another version from now on. What began with the one before finds it here still."""
        if digest != self._digest:
            self._remember(self._digest, self._current)
            self._older.pop(digest, None)
            self._digest, self._current = digest, current

    async def version(self, digest: str) -> Made | None:
        """Of that version; None when its files were never stored here, do not compile, or have nothing of the kind."""
        if digest == self._digest:
            return self._current
        if digest not in self._older:
            row = await self._ledger.one(PACK_FILES, digest)
            if row["files"] is None:
                return None  # perhaps not yet: the gateway that serves it may be without its store
            if digest not in self._older:  # whoever waited for the same row beside us may have made it
                self._remember(digest, self._made(row["files"]))
        return self._older[digest]

    def _remember(self, digest: str, made: Made | None) -> None:
        if len(self._older) >= VERSIONS_MAX:
            self._older.clear()
        self._older[digest] = made

    def _made(self, files: str) -> Made | None:
        """What is stored under a digest stays as it is: what does not compile now will not at the next message."""
        try:
            return self._make(json.loads(files))
        except ConfigurationError:
            return None  # written before a check that it does not pass: its sessions are as good as lost

"""What has happened on a bench of handsets, in order: pages ask for what is newer than they have seen.

It keeps a bounded number of entries and gives each a number and a time. What entries mean is the business of whoever
writes them.
"""

import time
from collections import deque
from collections.abc import Mapping
from threading import Lock

from simulator.smsc.trace import Shown

KEPT_MAX = 4000
"""Of all handsets together: an hour of busy clicking. A page that is opened later shows what is still here."""

EVERYBODY = ""
"""Whose the entries are that are about all handsets."""

Entry = Mapping[str, Shown]


class Journal:
    """Entries of a bench. Handsets write from threads of their own."""

    def __init__(self) -> None:
        self._entries: deque[tuple[int, Entry]] = deque(maxlen=KEPT_MAX)
        self._newest = 0
        self.forgotten = 0
        """The number of the newest entry that was dropped for want of room."""
        self._lock = Lock()

    @property
    def newest(self) -> int:
        """The number of the newest entry: a cursor."""
        return self._newest

    def note(self, phone: str, kind: str, said: Entry, at: float | None = None) -> None:
        """Add what happened to a handset; `at` in seconds since 1970, now unless it is said."""
        with self._lock:
            self._newest += 1
            if len(self._entries) == KEPT_MAX:
                self.forgotten = self._entries[0][0]
            head: Entry = {
                "number": self._newest,
                "at": round((time.time() if at is None else at) * 1000),
                "phone": phone,
                "kind": kind,
            }
            self._entries.append((self._newest, {**head, **said}))

    def after(self, number: int) -> list[Entry]:
        """What is newer than that, oldest first."""
        with self._lock:
            return [entry for place, entry in self._entries if place > number]

    def forget(self, phone: str) -> None:
        """Forget a handset that was put away."""
        with self._lock:
            kept = [(place, entry) for place, entry in self._entries if entry["phone"] != phone]
            self._entries.clear()
            self._entries.extend(kept)

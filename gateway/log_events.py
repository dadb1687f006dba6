"""The names of what is logged: one line an event. A word that is not here is not an event."""

from enum import StrEnum


class LogEvent(StrEnum):
    """Each member is a line's `event`; operators search for these words."""

    HOP = "hop"
    HOP_REFUSED = "hop_refused"
    SESSION_CLOSED = "session_closed"
    EVENTS_ACCEPTED = "events_accepted"
    API_REFUSED = "api_refused"
    CLOCK_ADVANCED = "clock_advanced"
    TRACK_LOST = "track_lost"
    TRACK_READY = "track_ready"
    STARTED = "started"
    STOPPED = "stopped"
    UNEXPECTED = "unexpected"

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
    TEXT = "text"
    TEXT_IGNORED = "text_ignored"
    TEXT_PARKED = "text_parked"
    TEXT_INCOMPLETE = "text_incomplete"
    MESSAGE = "message"
    OUTBOX_TIDIED = "outbox_tidied"
    LINK_BOUND = "link_bound"
    LINK_LEFT = "link_left"
    LINK_LOST = "link_lost"
    LINK_REFUSED = "link_refused"
    LINK_FAULT = "link_fault"
    LINK_PAUSED = "link_paused"
    LINK_RESUMED = "link_resumed"
    TRACK_LOST = "track_lost"
    TRACK_READY = "track_ready"
    STARTED = "started"
    STOPPED = "stopped"
    UNEXPECTED = "unexpected"

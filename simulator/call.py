"""A telephone session as a USSD gateway sees it, and what a dialect of such a gateway has to say.

Dialects are pure: they turn a `Call` into a `Message` and an `Answer` into words on a screen. Who sends the
message, and how long that takes, is the business of `handset` and `deployment`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from gateway.ussd.message import Profile
from simulator.errors import PhraseError

DIALLED_LENGTH_MAX = 182  # septets of one USSD string, 3GPP TS 23.038


class Closing(StrEnum):
    """How a session ended."""

    BY_APPLICATION = "by application"
    BY_SUBSCRIBER = "by subscriber"
    BY_SILENCE = "by silence"
    """The subscriber was asked and did not answer in time."""
    BY_FAILURE = "by failure"


@dataclass(frozen=True, slots=True)
class Message:
    """One HTTP request of the USSD gateway, before it is sent. `path` is below the deployment's address; `query` comes
    behind it, and behind the secret that a deployment may want at the path's end."""

    method: str
    path: str
    content_type: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside the content's type."""
    closes: bool = False
    """Whether it is the note that a session is over."""
    by_smsc: bool = False
    """Whether it goes to the gateway over SMPP: then it is told to the SMSC's control port, and `path` is there."""
    query: str = ""

    @property
    def all_headers(self) -> dict[str, str]:
        """With the content's type, where there is content."""
        return {**self.headers, **({"Content-Type": self.content_type} if self.content_type else {})}

    def target(self, secret: str = "") -> str:
        """What stands in the request's first line."""
        path = f"{self.path}/{secret}" if secret else self.path
        return f"{path}?{self.query}" if self.query else path


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP response, as it came. Header names are lower case."""

    status: int
    content_type: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One session so far: whose, what was dialled, what was answered, what came and what the screen said last."""

    session_id: str
    msisdn: str
    service_code: str
    arguments: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    hops: int = 0
    last_screen: str = ""
    last_answer: Answer | None = None
    is_pushed: bool = False
    """Whether the application opened it; then nothing was dialled."""

    @property
    def dialled(self) -> str:
        """The whole string: `*123#` with `1`, `2` is `*123*1*2#`."""
        return f"{'*'.join((self.service_code[:-1], *self.arguments))}#"

    @property
    def newest(self) -> str:
        """What the subscriber said last: what was dialled, or the newest input."""
        return self.inputs[-1] if self.inputs else self.dialled

    def answered(self, text: str) -> "Call":
        """The same call with one more input of the subscriber."""
        return replace(self, inputs=(*self.inputs, text))

    def shown(self, screen: str, answer: Answer) -> "Call":
        """The same call after one more hop."""
        return replace(self, hops=self.hops + 1, last_screen=screen, last_answer=answer)


@dataclass(frozen=True, slots=True)
class Closed:
    """The end of a call, with what gateways report about it."""

    call: Call
    how: Closing
    at: datetime
    duration_s: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A screen that the application shows unasked, as the network has it. `number` counts them; `facts` is for the
    dialect, which knows what an answer must repeat."""

    number: int
    source: str
    facts: Mapping[str, Any]


class Dialect(Protocol):
    """The network's side of one USSD gateway's protocol. Each lives in a file of `simulator/dialects`."""

    @property
    def name(self) -> str: ...

    @property
    def profile(self) -> Profile:
        """What one screen may hold here: the handset measures every screen against it."""
        ...

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        """An id as this gateway makes them; `draw(bits)` is the source of chance."""
        ...

    def hop(self, call: Call) -> Message:
        """The request for the newest input of the call, or for its opening."""
        ...

    def read(self, answer: Answer) -> tuple[str, bool]:
        """The screen's text, and whether the session ends. Raises `HopFailedError` for anything else."""
        ...

    def closed(self, closed: Closed) -> Message | None:
        """The note that a session is over, where this gateway sends one."""
        ...


@runtime_checkable
class TakesPushes(Protocol):
    """A dialect whose gateway also opens sessions for the application."""

    @property
    def name(self) -> str: ...

    @property
    def smsc(self) -> str:
        """What a gateway under test calls its links to it."""
        ...

    def opened(self, msisdn: str, pushed: Pushed) -> Call:
        """The session that a screen opens."""
        ...

    def confirmation(self, call: Call) -> Message:
        """What tells that a notice was seen."""
        ...


def split_dialled(dialled: str) -> tuple[str, tuple[str, ...]]:
    """What was dialled as service code and arguments: `*123*1#2#` is `*123#` and `1`, `2`."""
    text = dialled.strip()
    if len(text) > DIALLED_LENGTH_MAX or not re.fullmatch(r"[*#]\d+([*#][^*#]+)*#", text):
        raise PhraseError(f"cannot dial {dialled!r}: a code begins with * and ends with #, such as *123# or *123*1#")
    code, *arguments = re.split(r"[*#]", text[1:-1])
    return f"{text[0]}{code}#", tuple(arguments)

"""What a person may type at the terminal handset, read into commands. Pure: nothing is sent or drawn here.

Outside a session a line that looks like a code is dialled. Inside one, every line is an answer, save the few words
that drive the handset itself; `answer …` sends even those.
"""

import re
from dataclasses import dataclass

from simulator.errors import PhraseError
from simulator.phrases import EVENT_PHRASES, Grant, Happening, grant, happening, seconds

HELP = f"""*123#             dial a code (also with arguments: *123*1#)
1                 answer the screen with whatever you type
answer TEXT       answer with exactly TEXT, for instance one of these words
hang up           break the session off (or just: h)
text 6111 Баланс  send an SMS to a short number (also: sms 6111 Баланс), and see what comes back
inbox             the latest SMS on this phone; new ones also show after each command
gift-code 500 points  the operator issues a gift code for this phone: dial *123*CODE#, or text it to 9373
top-up 500        the operator reports an event: {EVENT_PHRASES}
wait 3d           move the virtual clock: 30 seconds, 2 hours, 31 days
help              this list
exit              leave (or Ctrl-D)"""


@dataclass(frozen=True, slots=True)
class Dial:
    dialled: str


@dataclass(frozen=True, slots=True)
class Reply:
    text: str


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


@dataclass(frozen=True, slots=True)
class SendSms:
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Inbox:
    pass


@dataclass(frozen=True, slots=True)
class Tell:
    happening: Happening


@dataclass(frozen=True, slots=True)
class Issue:
    grant: Grant


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: int


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Leave:
    pass


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


Command = Dial | Reply | HangUp | SendSms | Inbox | Tell | Issue | Wait | Help | Leave | Nothing

_NUMBER_FIRST = re.compile(r"\+?\d{1,20}(\s|$)")
_EVENT_WORDS = frozenset({"top-up", "charge", "purchase", "activated", "blocked", "unblocked"})


def read_command(line: str, *, in_session: bool) -> Command:
    """The command that a line means. Raises `PhraseError` with a hint for a line that means none."""
    text = line.strip()
    if not text:
        return Nothing()
    word, _, rest = text.partition(" ")
    driven = _of_handset(word.lower(), rest.strip()) or _of_network(word.lower(), rest.strip(), in_session=in_session)
    if driven is not None:
        return driven
    if in_session:
        return Reply(rest if word.lower() == "answer" else text)
    if text[0] in "*#":
        return Dial(text)
    raise PhraseError("no session is open: dial a code such as *123#, text 6111 Баланс, or type help")


def _of_handset(word: str, rest: str) -> Command | None:
    match word:
        case "help" | "?":
            return Help()
        case "exit" | "quit":
            return Leave()
        case "hang" | "h" if rest.lower() in {"", "up"}:
            return HangUp()
        case "inbox":
            return Inbox()
    return None


def _of_network(word: str, rest: str, *, in_session: bool) -> Command | None:
    """What others do to this phone, and SMS. Inside a session `text me` is an answer: no number follows."""
    match word:
        case "wait":
            return Wait(seconds(rest))
        case "gift-code":
            return Issue(grant(rest))
        case "text" | "sms" if not in_session or _NUMBER_FIRST.match(rest):
            return _sms(rest)
        case known if known in _EVENT_WORDS:
            return Tell(happening(f"{word} {rest}"))
    return None


def _sms(rest: str) -> SendSms:
    if not _NUMBER_FIRST.match(rest):
        raise PhraseError("say the number and then the words, such as: text 6111 Баланс")
    to, _, text = rest.partition(" ")
    return SendSms(to.removeprefix("+"), text)

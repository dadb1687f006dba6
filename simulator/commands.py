"""What a person may type at the terminal handset, read into commands. Pure: nothing is sent or drawn here.

Outside a session a line that looks like a code is dialled. Inside one, every line is an answer, save the few words
that drive the handset itself; `answer …` sends even those.
"""

from dataclasses import dataclass

from simulator.errors import PhraseError
from simulator.phrases import EVENT_PHRASES, Happening, happening, seconds

HELP = f"""*123#          dial a code (also with arguments: *123*1#)
1              answer the screen with whatever you type
answer TEXT    answer with exactly TEXT, for instance one of these words
hang up        break the session off (or just: h)
top-up 500     the operator reports an event: {EVENT_PHRASES}
wait 3d        move the virtual clock: 30 seconds, 2 hours, 31 days
help           this list
exit           leave (or Ctrl-D)"""


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
class Tell:
    happening: Happening


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


Command = Dial | Reply | HangUp | Tell | Wait | Help | Leave | Nothing

_EVENT_WORDS = frozenset({"top-up", "charge", "activated", "blocked", "unblocked"})


def read_command(line: str, *, in_session: bool) -> Command:
    """The command that a line means. Raises `PhraseError` with a hint for a line that means none."""
    text = line.strip()
    word, _, rest = text.partition(" ")
    match word.lower():
        case "":
            return Nothing()
        case "help" | "?":
            return Help()
        case "exit" | "quit":
            return Leave()
        case "hang" | "h" if rest.strip().lower() in {"", "up"}:
            return HangUp()
        case "wait":
            return Wait(seconds(rest))
        case known if known in _EVENT_WORDS:
            return Tell(happening(text))
        case "answer" if in_session:
            return Reply(rest)
    if in_session:
        return Reply(text)
    if text[0] in "*#":
        return Dial(text)
    raise PhraseError("no session is open: dial a code such as *123#, or type help")

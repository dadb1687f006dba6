"""Proves that dial strings reach the gateway, at home and abroad, and mean what was printed.

Decides by two lists of the standards: codes of supplementary services, which a phone keeps for itself
(3GPP TS 22.030, annex B and clauses 6.5.4, 6.6.2, 6.6.3), and codes that a visited network passes home
(TS 22.090, clause 5.1.2: two or three digits, 1, then 0 to 4).
"""

import re
from collections.abc import Iterator, Mapping

from gateway.datafile import marked
from gateway.datafile.findings import FaultyFileError, Finding, Severity
from gateway.datafile.kinds import Kind
from gateway.menu.document import Document
from gateway.menu.model import dial_parts
from gateway.menu.parts import DIAL_STRING

RESERVED = re.compile(
    r"002|004|03|04|042|05|052|06"  # forwarding of all and of conditional calls; password, PINs, IMEI
    r"|21|61|62|66|67|214"  # forwarding, deflection, follow me
    r"|30|31|76|77|300"  # who is calling
    r"|33|330|331|332|333|35|351|353"  # barring
    r"|36[0-3]|37[1-5]?|43|59[1-4]?|75[0-4]?|88|96"  # signalling, completion, waiting, profiles, priority, transfer
)
ROUTED_HOME = re.compile(r"1[0-4][0-9]?")
VISITED = re.compile(r"1[5-9][0-9]?")


def check(document: Document, published: Mapping[str, str]) -> Iterator[Finding]:
    """Faults of the dial strings, and of what became of the published ones."""
    spellings: dict[tuple[str, ...], str] = {}
    for dialled in document.source.dial:
        parts = dial_parts(dialled)
        path = ("dial", dialled)
        if parts in spellings:
            fault = f"is the same as {spellings[parts]!r} to who dials it"
            yield document.finding(path, Kind.DIAL_TWICE, fault, "keep one")
        spellings.setdefault(parts, dialled)
        if RESERVED.fullmatch(parts[0]):
            fault = f"{parts[0]} is a supplementary service, and a phone never sends it as USSD"
            yield document.finding(path, Kind.RESERVED_CODE, fault, "choose another code, of 1 and then 0 to 4")
        elif document.source.roaming != "accepted" and not ROUTED_HOME.fullmatch(parts[0]):
            advice = "take a code of 1, then 0 to 4, and at most one digit more, or write `roaming: accepted`"
            yield document.finding(path, Kind.ROAMING, _abroad(parts[0]), advice, severity=Severity.WARNING)
    yield from _published(document, published, spellings)


def _abroad(code: str) -> str:
    whose = "the visited network answers it" if VISITED.fullmatch(code) else "a visited network need not pass it home"
    return f"abroad {whose}"


def _published(
    document: Document, published: Mapping[str, str], spellings: Mapping[tuple[str, ...], str]
) -> Iterator[Finding]:
    promised = {dial_parts(dialled): (dialled, screen) for dialled, screen in published.items()}
    for parts, (dialled, screen) in promised.items():
        if parts not in spellings:
            fault = f"was published as {screen!r} and is gone, and people still dial it"
            yield document.finding(("dial", dialled), Kind.PUBLISHED_GONE, fault, f'write "{dialled}": {screen} again')
            continue
        now = document.source.dial[spellings[parts]]
        if now != screen:
            yield document.finding(
                ("dial", spellings[parts]),
                Kind.PUBLISHED_CHANGED,
                f"was published as {screen!r} and now means {now!r}",
                f"write {screen} again, and give the new meaning a code of its own",
            )
    for parts, dialled in spellings.items():
        if parts not in promised:
            yield document.finding(
                ("dial", dialled),
                Kind.NOT_PUBLISHED,
                "is not in published.yaml",
                "add it there when it is printed, and never before it is final",
                severity=Severity.WARNING,
            )


def read_published(file: str, text: str) -> dict[str, str]:
    """The published dial strings and the screens they were published for. Raises `FaultyFileError`."""
    marks = marked.read(file, text)
    if marks.value is None:
        return {}  # nothing is printed yet
    if not isinstance(marks.value, dict):
        raise FaultyFileError(
            (marks.finding((), Kind.WRONG_TYPE, "holds no lines", 'write lines such as "*123#": home'),)
        )
    published = {}
    for dialled, screen in marks.value.items():
        if not isinstance(screen, str) or not re.fullmatch(DIAL_STRING, dialled):
            fault = "must be a dial string and the name of a screen"
            raise FaultyFileError(
                (marks.finding((dialled,), Kind.WRONG_VALUE, fault, 'write a line such as "*123#": home'),)
            )
        published[dialled] = screen
    return published

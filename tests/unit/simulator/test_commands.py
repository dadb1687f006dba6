"""What a line typed at the terminal handset means, in a session and outside one."""

import pytest

from simulator.commands import (
    Command,
    Dial,
    HangUp,
    Help,
    Inbox,
    Leave,
    Nothing,
    Reply,
    SendSms,
    Tell,
    Wait,
    read_command,
)
from simulator.errors import PhraseError
from simulator.phrases import Happening


@pytest.mark.parametrize(
    ("line", "in_session", "expected"),
    [
        ("*123#", False, Dial("*123#")),
        ("*123#", True, Reply("*123#")),
        ("1", True, Reply("1")),
        ("00", True, Reply("00")),
        (" 1 ", True, Reply("1")),
        ("answer help", True, Reply("help")),
        ("answer", True, Reply("")),
        ("hang up", True, HangUp()),
        ("h", True, HangUp()),
        ("hang on", True, Reply("hang on")),
        ("text 6111 Баланс", False, SendSms("6111", "Баланс")),
        ("sms 6111 Где подарок", False, SendSms("6111", "Где подарок")),
        ("text +79210000002  two  spaces", False, SendSms("79210000002", " two  spaces")),
        ("text 6111", False, SendSms("6111", "")),
        ("text 6111 1", True, SendSms("6111", "1")),
        ("text me", True, Reply("text me")),
        ("text", True, Reply("text")),
        ("answer text 6111 1", True, Reply("text 6111 1")),
        ("inbox", False, Inbox()),
        ("inbox", True, Inbox()),
        ("top-up 500", False, Tell(Happening("top_up", 50_000))),
        ("top-up 500", True, Tell(Happening("top_up", 50_000))),
        ("purchase 500 at kinograd", False, Tell(Happening("purchase", 50_000, "kinograd"))),
        ("blocked", False, Tell(Happening("blocked"))),
        ("wait 3d", False, Wait(3 * 86400)),
        ("help", True, Help()),
        ("exit", True, Leave()),
        ("", True, Nothing()),
        ("   ", False, Nothing()),
    ],
)
def test_commands(line: str, in_session: bool, expected: Command) -> None:
    assert read_command(line, in_session=in_session) == expected


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("1", "no session is open"),
        ("top-up lots", "500 roubles"),
        ("wait", "31 days"),
        ("answer 1", "no session"),
        ("text", "text 6111 Баланс"),
        ("text Баланс", "text 6111 Баланс"),
    ],
)
def test_lines_that_mean_nothing_say_what_to_type(line: str, hint: str) -> None:
    with pytest.raises(PhraseError, match=hint):
        read_command(line, in_session=False)

"""Dialogue files: what their authors may write, and where their slips are shown."""

from pathlib import Path

import pytest

from simulator.dialogue import FRESH, STEPS_MAX, load
from simulator.errors import DialogueFileError
from simulator.marked_yaml import FILE_BYTES_MAX

HEAD = "title: a dialogue\nsteps:\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "d.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(DialogueFileError) as caught:
        load(written(folder, text))
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


def test_everything_a_dialogue_may_say(tmp_path: Path) -> None:
    dialogue = load(
        written(
            tmp_path,
            """
title: Two phones
about: What it shows.
phones: {Anna: fresh, Boris: "+79210000002"}
steps:
  - {phone: Anna, event: top-up 500 roubles}
  - phone: Boris
    dial: "*123#"
    expect: |
      Привет
      1 Да
    not_expect: Нет
    ends: no
  - {phone: Boris, answer: 00, expect: [Пока], ends: yes}
  - wait: 31 days
  - {phone: Anna, hang_up: true}
""",
        )
    )
    assert {name: phone.number for name, phone in dialogue.phones.items()} == {"Anna": FRESH, "Boris": "+79210000002"}
    assert [step.verb for step in dialogue.steps] == ["event", "dial", "answer", "wait", "hang_up"]
    assert dialogue.lines == (6, 7, 14, 15, 16)
    assert (dialogue.steps[1].expect, dialogue.steps[1].not_expect) == ("Привет\n1 Да\n", ("Нет",))
    assert (dialogue.steps[2].answer, dialogue.steps[2].ends) == ("00", True)


def test_everything_that_may_go_wrong(tmp_path: Path) -> None:
    dialogue = load(
        written(
            tmp_path,
            """
title: Mishaps
dialect: africastalking
phones: {Anna: {number: fresh, link: main}, Boris: {dialect: africastalking}}
steps:
  - smsc: {receipts: never, throttle_per_s: 1, disconnect: true}
  - billing: {fail_after_doing: 1, mode: askable}
  - store: valkey frozen
  - {phone: Anna, network: reply lost}
  - {phone: Anna, dial: "*123#", fails: yes}
  - {phone: Anna, dial: "*123#", match: ["^Да", "(?P<pin>[0-9]{4})"]}
  - {phone: Boris, answer: "{pin}", match_sms: "код (?P<voucher>.+)"}
  - smsc: in order
""",
        )
    )
    assert [step.verb for step in dialogue.steps] == [
        "smsc", "billing", "store", "network", "dial", "dial", "answer", "smsc",
    ]  # fmt: skip
    assert {phone.dialect for phone in dialogue.phones.values()} == {"africastalking"}
    assert dialogue.plays_alone


def test_everything_that_may_be_said_of_sms(tmp_path: Path) -> None:
    dialogue = load(
        written(
            tmp_path,
            """
title: Texts
unread_sms: ignored
steps:
  - {text: Баланс, to: 6111, expect_sms: [1 000, до], not_expect_sms: 2 000, from: Bolshe, parts: 2}
  - {event: top-up 500 roubles, expect_sms: "1 000 баллов", within: 1 minute}
  - {text: "", to: 6111}
  - expect_sms: [Привет]
  - expect_no_sms: 2 seconds
""",
        )
    )
    assert [step.verb for step in dialogue.steps] == ["text", "event", "text", "expect_sms", "expect_no_sms"]
    first, second, third, *_ = dialogue.steps
    assert (first.expect_sms, first.not_expect_sms, first.source, first.parts) == (
        ("1 000", "до"),
        ("2 000",),
        "Bolshe",
        2,
    )
    assert (first.within, second.expect_sms, second.within) == ("10 seconds", "1 000 баллов", "1 minute")
    assert (third.text, third.to) == ("", "6111")
    assert dialogue.ignores_unread_sms


@pytest.mark.parametrize(
    ("steps", "says_sms"),
    [
        pytest.param('  - dial: "*123#"\n', False, id="screens only"),
        pytest.param('  - dial: "*123#"\n  - {text: Баланс, to: 6111}\n', True, id="a text"),
        pytest.param("  - {event: blocked, expect_no_sms: 1 second}\n", True, id="silence"),
    ],
)
def test_a_dialogue_knows_whether_it_needs_an_smsc(tmp_path: Path, steps: str, says_sms: bool) -> None:
    assert load(written(tmp_path, HEAD + steps)).says_sms is says_sms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(HEAD + "  - dial: *123#\n", "3: expected alphabetic", id="code without quotes"),
        pytest.param(HEAD + "  - dial: *abc\n", "3: put codes in quotes", id="alias"),
        pytest.param(HEAD + '  - dial: "*123#"\n    anser: 1\n', "4: steps 1 anser: no such word", id="misspelt word"),
        pytest.param(HEAD + '  - dial: "*123#"\n    answer: 1\n', "3: steps 1: a step is exactly one", id="two verbs"),
        pytest.param(HEAD + "  - expect: Да\n", "3: steps 1: a step is exactly one", id="no verb"),
        pytest.param(HEAD + '  - dial: "123"\n', "3: steps 1: cannot dial", id="no code"),
        pytest.param(HEAD + "  - event: explode\n", "3: steps 1: no such event", id="no event"),
        pytest.param(HEAD + "  - language: English\n", "3: steps 1 language: ", id="no language"),
        pytest.param(HEAD + "  - wait: long\n", "3: steps 1: cannot read the time", id="no time"),
        pytest.param(
            HEAD + "  - wait: 3 days\n    expect: Да\n", "3: steps 1: wait shows no screen", id="check of nothing"
        ),
        pytest.param(HEAD + "  - hang_up: no\n", "3: steps 1: write hang_up: true", id="not hanging up"),
        pytest.param(HEAD + "  - wait: 1 day\n    wait: 2 days\n", "4: said twice", id="word said twice"),
        pytest.param("title: x\nsteps: []\n", "2: steps: a dialogue has at least one step", id="no steps"),
        pytest.param("steps:\n  - wait: 1 day\n", "1: title: title is missing", id="no title"),
        pytest.param(
            "title: x\nphones: {A: 123}\nsteps: [wait: 1 day]\n", "2: phones A number: write fresh", id="no number"
        ),
        pytest.param(HEAD + "  - phone: Anna\n    answer: 1\n", "3: no such phone: Anna", id="unknown phone"),
        pytest.param(
            'title: x\nphones: {A: fresh, B: fresh}\nsteps:\n  - dial: "*1#"\n',
            "4: say whose",
            id="whose of two phones",
        ),
        pytest.param(HEAD + "  - text: Баланс\n", "3: steps 1: a text needs a number", id="text to nobody"),
        pytest.param(HEAD + '  - {dial: "*1#", to: 6111}\n', "3: steps 1: a text needs a number", id="dial to"),
        pytest.param(HEAD + '  - {text: Да, to: "*1#"}\n', "3: steps 1 to: ", id="no short number"),
        pytest.param(HEAD + "  - {text: Да, to: 6111, expect: Да}\n", "3: steps 1: text shows no", id="SMS as screen"),
        pytest.param(HEAD + "  - {text: Да, to: 6111, from: 6111}\n", "3: steps 1: from is said of", id="from whom"),
        pytest.param(HEAD + "  - {expect_sms: Да, parts: 0}\n", "3: steps 1 parts: ", id="no part"),
        pytest.param(HEAD + "  - {expect_sms: Да, within: 2 minutes}\n", "3: steps 1: an SMS is waited", id="too long"),
        pytest.param(HEAD + "  - expect_no_sms: 61 seconds\n", "3: steps 1: an SMS is waited", id="silence too long"),
        pytest.param(HEAD + "  - expect_no_sms: a while\n", "3: steps 1: cannot read the time", id="silence how long"),
        pytest.param(
            HEAD + "  - {expect_sms: Да, expect_no_sms: 1 second}\n", "3: steps 1: an SMS comes or does", id="both"
        ),
        pytest.param(
            "title: x\nphones: {A: fresh, B: fresh}\nsteps:\n  - {wait: 1 day, expect_sms: Да}\n",
            "4: say whose",
            id="whose SMS of two phones",
        ),
        pytest.param("title: x\nunread_sms: no\nsteps: [wait: 1 day]\n", "2: unread_sms: ", id="unread"),
        pytest.param(
            "title: x\nphones: {A: {number: fresh, dialect: smoke}}\nsteps: [wait: 1 day]\n",
            "2: phones A dialect: no such dialect",
            id="unknown dialect",
        ),
        pytest.param("title: x\ndialect: smoke\nsteps: [wait: 1 day]\n", "2: dialect: no such", id="nor at all"),
        pytest.param(HEAD + "  - network: hop lost\n", "3: steps 1: a network does not do", id="unknown mishap"),
        pytest.param(HEAD + "  - store: valkey burnt\n", "3: steps 1: a store does not do", id="no such store"),
        pytest.param(HEAD + "  - smsc: {receipt: never}\n", "3: steps 1: receipt: ", id="unknown order of an SMSC"),
        pytest.param(HEAD + "  - smsc: {receipts: soon}\n", "3: steps 1: receipts: ", id="an SMSC does not know how"),
        pytest.param(HEAD + "  - billing: {slow_s: -1}\n", "3: steps 1: slow_s: ", id="a billing does not know how"),
        pytest.param(HEAD + "  - billing: broken\n", "3: steps 1 billing", id="no behaviour"),
        pytest.param(HEAD + '  - {dial: "*1#", match: "("}\n', "3: steps 1: this is no regular", id="no expression"),
        pytest.param(HEAD + '  - {dial: "*1#", expect: "{a:word}"}\n', "3: steps 1: no such kind", id="no kind"),
        pytest.param(HEAD + '  - dial: "*123*{pin}#"\n', "3: nothing is known as {pin} here", id="unknown name"),
        pytest.param(
            HEAD + '  - {dial: "*1#", expect: ["{pin}"]}\n  - {answer: 1, match: "(?P<pin>.)"}\n',
            "3: nothing is known as {pin} here",
            id="a name that is kept later",
        ),
        pytest.param(
            HEAD + '  - {dial: "*1#", fails: yes, expect: Да}\n', "3: steps 1: where no screen comes", id="no screen"
        ),
        pytest.param(HEAD + "  - {wait: 1 day, fails: yes}\n", "3: steps 1: wait shows no screen", id="fails alone"),
        pytest.param("", "1: the file is empty", id="empty"),
        pytest.param("- a\n", "1: ", id="a list"),
        pytest.param("title: [\n", "2: ", id="not YAML"),
        pytest.param("#" * (FILE_BYTES_MAX + 1), "1: longer than", id="too long"),
        pytest.param(HEAD + "  - wait: 1 day\n" * (STEPS_MAX + 1), "2: steps: ", id="too many steps"),
    ],
)
def test_slips_are_shown_with_their_line(tmp_path: Path, text: str, expected: str) -> None:
    found = faults(tmp_path, text)
    assert any(fault.startswith(expected) for fault in found), found


def test_every_fault_is_shown_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, HEAD + "  - wait: long\n  - event: explode\n")
    assert [fault.partition(":")[0] for fault in found] == ["3", "4"]


def test_longest_dialogue_is_read(tmp_path: Path) -> None:
    assert len(load(written(tmp_path, HEAD + "  - wait: 1 day\n" * STEPS_MAX)).steps) == STEPS_MAX


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        pytest.param(lambda path: path.unlink(), "cannot be read", id="no file"),
        pytest.param(lambda path: path.write_bytes(b"title: \xcf\xf0"), "not UTF-8", id="another encoding"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, prepare: object, message: str) -> None:
    path = written(tmp_path, "")
    assert callable(prepare)
    prepare(path)
    with pytest.raises(DialogueFileError, match=message):
        load(path)

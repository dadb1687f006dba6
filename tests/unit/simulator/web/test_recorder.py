"""What happened on a bench as a dialogue file: it reads well, means the same, and passes when it is played."""

from pathlib import Path
from typing import Any

import pytest

from simulator.dialogue import load_text
from simulator.web.recorder import Heard, written

HERE = Path("recorded.yaml")
ANNA = Heard("+79210000001", "africastalking", "")
BORIS = Heard("+79210000002", "africastalking", "")


def entry(kind: str, phone: str = "1", **said: Any) -> dict[str, Any]:
    return {"kind": kind, "phone": phone, **said}


STORY = [
    entry("operator", text="top-up 500 roubles", outcome="accepted"),
    entry("dialled", text="*123#"),
    entry("hop", request={}),
    entry("screen", text="У вас 1 000 баллов\nдо 30.11.27\n\n0 Назад", ends=False),
    entry("answered", text="00"),
    entry("screen", text="Пока", ends=True),
    entry("sms_sent", text="Баланс", to="6111"),
    entry("pdu"),
    entry("sms", **{"from": "6111"}, text="У вас 1 000 баллов"),
    entry("clock", "", text="31 days"),
]


def test_one_phone_with_a_fresh_number_reads_as_a_person_would_write_it() -> None:
    assert written(STORY, {"1": ANNA}, "africastalking", fresh=True) == (
        """title: What was recorded

steps:
  - event: top-up 500 roubles
  - dial: "*123#"
    expect: |
      У вас 1 000 баллов
      до {date}

      0 Назад
    ends: no
  - answer: "00"
    expect: |
      Пока
    ends: yes
  - text: Баланс
    to: 6111
  - expect_sms: |
      У вас 1 000 баллов
    from: 6111
  - wait: "31 days"
"""
    )


def test_several_phones_have_names_and_steps_say_whose_they_are() -> None:
    story = [*STORY, entry("dialled", "2", text="*123*1#"), entry("screen", "2", text="Да", ends=True)]
    phones = {"2": Heard(BORIS.msisdn, "africastalking", "main"), "1": ANNA}
    text = written(story, phones, "africastalking", fresh=False)
    assert '  Anna: "+79210000001"\n  Boris: {number: "+79210000002", link: main}\n' in text
    dialogue = load_text(text, HERE)
    assert [dialogue.phone_of(step) for step in dialogue.steps[-3:]] == ["Anna", "Anna", "Boris"]
    assert dialogue.phones["Boris"].link == "main"


def test_what_came_unasked_is_a_step_that_asks_for_it() -> None:
    story = [
        entry("push", text="expiring", push_id=7),
        entry("screen", text="У вас 500 баллов", ends=False, unasked=True),
        entry("answered", text="1"),
        entry("screen", text="Подарки", ends=False),
    ]
    dialogue = load_text(written(story, {"1": ANNA}, "africastalking", fresh=True), HERE)
    assert [step.verb for step in dialogue.steps] == ["push", "answer"]
    assert (dialogue.steps[0].push, dialogue.steps[0].expect) == ("expiring", "У вас 500 баллов\n")


def test_a_gift_code_is_written_by_its_name() -> None:
    story = [
        entry("gift_code", text="500 points", gift_code="734912"),
        entry("dialled", text="*123*734912#"),
        entry("screen", text="Код 734912 принят в 12:30", ends=True),
    ]
    dialogue = load_text(written(story, {"1": ANNA}, "africastalking", fresh=True), HERE)
    assert [step.verb for step in dialogue.steps] == ["gift_code", "dial"]
    assert dialogue.steps[1].dial == "*123*{gift_code}#"
    assert dialogue.steps[1].expect == "Код {gift_code} принят в {time}\n"


def test_what_went_wrong_on_the_way_is_part_of_it_and_a_slip_of_the_finger_is_not() -> None:
    story = [
        entry("smsc", "", text="Receipts: never", orders={"receipts": "never", "silence": False}),
        entry("billing", "", text="Once", orders={"fail_after_doing": 1}),
        entry("network", text="reply lost", ends=False),
        entry("dialled", text="*123#"),
        entry("error", text="lost", on_the_way=True),
        entry("dialled", text="123"),
        entry("error", text="cannot dial", on_the_way=False),
        entry("dialled", text="*123#"),
        entry("screen", text="Да", ends=False),
        entry("network", text="subscriber silent", ends=True),
    ]
    dialogue = load_text(written(story, {"1": ANNA}, "africastalking", fresh=True), HERE)
    assert [step.verb for step in dialogue.steps] == ["smsc", "billing", "network", "dial", "dial", "network"]
    assert dialogue.steps[0].smsc == {"receipts": "never", "silence": "false"}
    assert dialogue.steps[3].fails


@pytest.mark.parametrize(
    "text",
    [
        " leading space", "trailing lines\n\n", "no", "00", "a: b", "# x", "{date}", "- a", "tab\there", "\n", " ",
        "'\"\\", "Да: нет\n 1 Да", "x\n\n\ny", "&a *b", "пробел \nв конце ",
    ],
)  # fmt: skip
def test_every_text_is_read_back_as_it_was(text: str) -> None:
    story = [entry("dialled", text="*123#"), entry("screen", text=text, ends=False), entry("answered", text=text)]
    dialogue = load_text(written(story, {"1": ANNA}, "africastalking", fresh=True), HERE)
    assert str(dialogue.steps[0].expect).removesuffix("\n") == text.removesuffix("\n")
    assert dialogue.steps[1].answer == text


def test_phones_that_were_put_away_are_left_out() -> None:
    story = [entry("dialled", "9", text="*123#"), *STORY]
    assert len(load_text(written(story, {"1": ANNA}, "africastalking", fresh=True), HERE).steps) == 6

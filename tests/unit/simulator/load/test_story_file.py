"""Files of stories: what may stand in them, and that each fault is told with its line."""

from pathlib import Path

import pytest

from simulator.errors import DialogueFileError, PhraseError
from simulator.load.pattern import pattern_of
from simulator.load.story_file import DEFAULT, load
from simulator.load.sums import sum_of
from tests.unit.simulator.load.town import STORIES, TEXTS, stories_in

DIALS = '  - story: s\n    steps:\n      - {dial: "*123#", see: home}\n'


def faulty(tmp_path: Path, steps: str, head: str = "") -> str:
    """What is said of steps after a dial; the first of them stands in line 7."""
    written = f"title: t\n{head}screens: {{home: 'You have {{points:number}}'}}\ndials:\n{DIALS}{steps}"
    with pytest.raises(DialogueFileError) as raised:
        stories_in(tmp_path, written)
    return str(raised.value).replace(str(tmp_path), "")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ('{dial: "*123#", see: home}', "7: a session is open: hang_up: true before dialling again"),
        ("{answer: 1}", "7: dials 1 steps 2: dial and answer say what screen comes"),
        ("{answer: 1, see: away}", "7: no such screen: away; there are: home"),
        (
            "{answer: 1, see: home, then: {points: points - price}}",
            "7: nobody has said what price is; known here: points",
        ),
        ("{answer: 1, see: home, then: {points: points * 2}}", "7: dials 1 steps 2 then points: cannot read the sum"),
        ("{hang_up: true, see: home}", "7: dials 1 steps 2: dial and answer say what screen comes"),
        ("{hang_up: no}", "7: dials 1 steps 2: write hang_up: true"),
        ("{hang_up: true, answer: 1, see: home}", "7: dials 1 steps 2: a step is one of"),
        ("{text: Balance, to: 6111}", "7: dials 1 steps 2: say what answers the text"),
        ("{text: Balance, see_sms: points}", "7: dials 1 steps 2: a text needs a number"),
        ("{see_sms: points}", "7: no such sms: points; there are: none"),
        ("{silence: 3 minutes}", "7: dials 1 steps 2: nobody waits for 3 minutes"),
        ("{event: top-down 5}", "7: dials 1 steps 2: no such event"),
        ("{shout: loud}", "7: dials 1 steps 2 shout: no such word: shout"),
        ('{answer: "{pin}", see: home}', "7: nobody has said what pin is; known here: points"),
        ("{within: 5 seconds}", "7: dials 1 steps 2: a step is one of"),
    ],
)
def test_faults_of_steps(tmp_path: Path, step: str, words: str) -> None:
    assert words in faulty(tmp_path, f"      - {step}\n")


def test_nobody_answers_when_the_session_is_over(tmp_path: Path) -> None:
    steps = "      - {answer: 1, see: home, ends: true}\n      - {answer: 1, see: home}\n"
    assert "8: no session is open to answer: dial first" in faulty(tmp_path, steps)


def test_faults_of_the_whole(tmp_path: Path) -> None:
    assert "two stories are called s" in faulty(tmp_path, DIALS)
    assert "a story under dials has a step that is dial" in faulty(
        tmp_path, "  - {story: t, steps: [{event: activated}]}\n"
    )
    with pytest.raises(DialogueFileError, match="there is no story"):
        stories_in(tmp_path, "title: t\n")
    with pytest.raises(DialogueFileError, match=r"yaml:2: home: .* no regular expression: .*a dot, a star or"):
        stories_in(tmp_path, f"title: t\nscreens: {{home: 'You ('}}\ndials:\n{DIALS}")
    with pytest.raises(DialogueFileError, match=r"yaml:2: home: .* known as \{points\}.*write \{points:number\}"):
        stories_in(tmp_path, f"title: t\nscreens: {{home: '{{points}}'}}\ndials:\n{DIALS}")
    with pytest.raises(DialogueFileError, match=r"yaml:2: home: no such kind of text: \{a:word\}"):
        stories_in(tmp_path, f"title: t\nscreens: {{home: '{{a:word}}'}}\ndials:\n{DIALS}")


def test_the_shipped_stories_can_be_read() -> None:
    stories = load(DEFAULT)
    assert stories.dials
    assert stories.texts
    assert all(any(step.see for step in story.steps) for story in stories.dials)


def test_stories_without_sms(tmp_path: Path) -> None:
    stories = stories_in(tmp_path, STORIES + TEXTS)
    assert stories.says_sms
    assert not stories.without_sms().says_sms
    assert stories.without_sms().dials == stories.dials


@pytest.mark.parametrize(
    ("pattern", "text", "read"),
    [
        ("You have {points:number}", "You have 0", {"points": 0}),
        ("You have {points:number}", "You have 1,000", {"points": 1000}),
        ("У вас {points:number} балл(|а|ов)", "У вас 1 000 баллов", {"points": 1000}),
        ("У вас {points:number} балл(|а|ов)", "У вас 12\u00a0345\u202f678 баллов", {"points": 12345678}),
        ("{price:number} and {price:number}", "5 and 5", {"price": 5}),
        ("{price:number} and {price:number}", "5 and 6", None),
        ("{key:number} 1 ГБ {price:number}", "1 1 ГБ 1 200", {"key": 1, "price": 1200}),
        ("(?P<who>\\w+) has {points:number}", "Anna has 7", {"who": "Anna", "points": 7}),
        ("You have {points:number}", "You have 5\nmore", None),
        ("You have {points:number}", "You have none", None),
        ("a{2}\n", "aa", {}),
        ("до {date}, {any}", "до 30.11.27, не позже", {}),
        ("код {pin:code}", "код DEMO-08", {"pin": "DEMO-08"}),
    ],
)
def test_patterns(pattern: str, text: str, read: dict[str, int | str] | None) -> None:
    assert pattern_of("screen", pattern).read(text) == read


def test_a_pattern_says_how_a_text_is_unlike_it() -> None:
    told = pattern_of("screen", "You have {points:number}\n1 More\n").unlike("You had 5")
    assert told == "expected\n    | You have {points:number}\n    | 1 More\nshown\n    | You had 5"


@pytest.mark.parametrize(
    ("written", "value"), [("5", 5), ("-5", -5), ("points", 100), ("points - price + 7", 77), ("points-price", 70)]
)
def test_sums(written: str, value: int) -> None:
    assert sum_of(written).value({"points": 100, "price": 30}) == value


@pytest.mark.parametrize(
    "written", ["", "points *2", "points -", "- - 5", "points 5", "1e3", "Points", "+" * 50, "1" + "+1" * 10]
)
def test_what_is_no_sum(written: str) -> None:
    with pytest.raises(PhraseError, match="sum"):
        sum_of(written)


def test_words_cannot_be_summed() -> None:
    with pytest.raises(PhraseError, match="who is no number: 'Anna'"):
        sum_of("who + 1").value({"who": "Anna"})

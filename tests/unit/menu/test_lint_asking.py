"""What a check proves of a menu that asks: each row breaks the shop in one place, and reads what a person is told."""

from collections.abc import Callable

import pytest

from gateway.datafile.findings import Finding
from gateway.menu.kept import KEPT_MAX
from gateway.ussd.message import HopIdentity, Profile

Check = Callable[..., tuple[Finding, ...]]

CODE = "en: Type the code}\n    input: {name: gift_code, go: redeem}\n"
GIFTS = "en: Gifts}, go: rewards}"
TO_CODE = "en: Code}, go: code}\n  code"
BESIDE_ROWS = "en: Code}, go: code}\n  quote"
REWARD_ASKED = '{reward: "{{ reward }}"}'


def test_the_shop_has_nothing_to_find(found_in_shop: Check) -> None:
    assert found_in_shop() == ()
    assert found_in_shop(profile=Profile()) == (), "nor with one-time keys"


SHAPE = {
    "no last number": ("{from: 6, to: 20}", "{from: 6}", 11, "inputs.gift_code.digits.to", "is missing"),
    "reversed": ("{from: 6, to: 20}", "{from: 20, to: 6}", 11, "inputs.gift_code.digits", "write from: 6, to: 20"),
    "no digits": ("from: 6", "from: 0", 11, "inputs.gift_code.digits.from", "must be 1 or more"),
    "more than is kept": ("to: 20", "to: 41", 11, "inputs.gift_code.digits.to", "must be 40 or less"),
    "a word": ("from: 6", "from: six", 11, "inputs.gift_code.digits.from", "a whole number"),
    "an argument in the middle": (
        '"*123*{gift_code}#"', '"*123*{gift_code}*1#"', 8, "dial.*123*{gift_code}*1#", "what is typed last",
    ),
    "nothing but an argument": ('"*123*7#"', '"*{gift_code}#"', 6, "dial.*{gift_code}#", "a dial string"),
    "a misspelt key": ("name: gift_code", "nme: gift_code", 28, "screens.code.input.nme", "no key of a menu"),
    "no list": ("keep: [reward]", "keep: reward", 51, "screens.rewards_list.each.keep", "a list"),
    "a key as long as a code": (
        CODE, CODE + '    options: [{key: "555555", text: {ru: а, en: a}, go: rewards}]\n', 29,
        "screens.code.options.0.key", "one to three digits",
    ),
}  # fmt: skip

INPUTS = {
    "an input that is not declared": (
        CODE, CODE.replace("gift_code", "git_code"), 28, "screens.code.input.name",
        "no input 'git_code': did you mean 'gift_code'? there are: gift_code",
    ),
    "the same, dialled": ("*123*{gift_code}#", "*123*{code}#", 8, "dial.*123*{code}#", "no input 'code'"),
    "declared in vain": (
        "inputs:\n", "inputs:\n  pin: {digits: {from: 4, to: 4}}\n", 11, "inputs.pin", "nothing asks for it",
    ),
    "as short as the home key": (
        "from: 6", "from: 2", 28, "screens.code.input",
        "up to 2 digits, and a key wins over what is typed: let 'gift_code' begin at 3 digits",
    ),
    "as short as keys dialled ahead": (
        "from: 6", "from: 2", 8, "dial.*123*{gift_code}#", "keys dialled ahead have up to 2 digits",
    ),
    "two inputs of one length": (
        "inputs:\n", '  "*123*{pin}#": rewards\ninputs:\n  pin: {digits: {from: 4, to: 6}}\n', 10, "dial.*123*{pin}#",
        "same length as '*123*{gift_code}#'",
    ),
    "an input to nowhere": (
        CODE, CODE.replace("go: redeem", "go: reedem"), 28, "screens.code.input.go", "no screen 'reedem'",
    ),
    "an end with an input": (CODE, CODE + "    ends: true\n", 28, "screens.code.input", "takes no input"),
}  # fmt: skip

ROWS = {
    "a field that rows have not": (
        "keep: [reward]", "keep: [rewad]", 51, "screens.rewards_list.each.keep.0",
        "a row brings no 'rewad': did you mean 'reward'? there are: price, reward, title",
    ),
    "rows to nowhere": ("go: quote\n", "go: qoute\n", 50, "screens.rewards_list.each.go", "no screen 'qoute'"),
    "rows that keep and lead nowhere": (
        "      go: quote\n", "", 50, "screens.rewards_list.each.keep", "`go` says what follows",
    ),
    "rows that move points": (
        "go: quote\n", "go: exchange\n", 50, "screens.rewards_list.each.go", "a row moves no points at once",
    ),
    "an end with rows to choose": (
        "  rewards_list:\n", "  rewards_list:\n    ends: true\n", 48, "screens.rewards_list.each", "takes no input",
    ),
}  # fmt: skip

KEPT = {
    "a fact that nobody brings": (
        "keep: [quote]", "keep: [quot]", 61, "screens.quoted.options.0.keep.0",
        "who comes after quote: quoted brings no 'quot': did you mean 'quote'? there are: price, quote",
    ),
    "a fact without a call before": (
        GIFTS, "en: Gifts}, go: rewards, keep: [points]}", 24, "screens.home.options.0.keep.0",
        "by dialling brings no 'points'",
    ),
    "a list": (
        BESIDE_ROWS, "en: Code}, go: code, keep: [rewards]}\n  quote", 53, "screens.rewards_list.options.0.keep.0",
        "is a list: keep a field of the row",
    ),
    "a story": (
        BESIDE_ROWS, "en: Code}, go: code, keep: [story]}\n  quote", 53, "screens.rewards_list.options.0.keep.0",
        "41 characters long, and 40 are kept",
    ),
    "nothing of the name": (
        REWARD_ASKED, '{reward: "{{ reword }}"}', 56, "screens.quote.arguments.reward",
        "nothing keeps 'reword': did you mean 'reward'? there are: gift_code, quote, reward",
    ),
    "a row that forgets": (
        "      keep: [reward]\n", "", 55, "screens.quote.arguments.reward", "nothing keeps 'reward'",
    ),
    "dialled past the list": (
        '"*123*7#": code', '"*123*7#": quote', 56, "screens.quote.arguments.reward",
        "who comes by dialling *123*7# has kept no 'reward'",
    ),
    "dialled without its argument": (
        '"*123*{gift_code}#": redeem', '"*123*8#": redeem', 35, "screens.redeem_dialled.arguments.gift_code",
        "who comes by dialling *123*8# has kept no 'gift_code'",
    ),
    "an option past the input": (
        TO_CODE, "en: Code}, go: redeem}\n  code", 31, "screens.redeem.arguments.gift_code",
        "who comes by dialling *123#, then by 2 on home has kept no 'gift_code'",
    ),
    "an option beside the rows": (
        BESIDE_ROWS, "en: Code}, go: quote}\n  quote", 56, "screens.quote.arguments.reward",
        "*123*777777#, then after rewards: listed, then by 3 on rewards_list has kept no 'reward'",
    ),
    "an outcome that leads on too far": (
        "{listed: rewards_list}", "{listed: quote}", 56, "screens.quote.arguments.reward",
        "who comes by dialling *123*777777#, then after rewards: listed has kept no 'reward'",
    ),
    "a start that asks for something": (
        "start: home", "start: redeem_dialled", 35, "screens.redeem_dialled.arguments.gift_code",
        "by the home key has kept no 'gift_code'",
    ),
    "a kept value where values are known": (
        "channel: ussd", 'channel: "{{ reward }}"', 65, "screens.exchange.arguments.channel",
        "'exchange' knows ussd or sms, and what was kept may be anything",
    ),
    "a kept value inside a text": (
        REWARD_ASKED, '{reward: "no. {{ reward }}"}', 56, "screens.quote.arguments.reward", "exactly one kept name",
    ),
    "a kept value in one language": (
        REWARD_ASKED, '{reward: {ru: "{{ reward }}", en: one}}', 56, "screens.quote.arguments.reward.ru",
        "exactly one kept name",
    ),
}  # fmt: skip

FAULTS = {**SHAPE, **INPUTS, **ROWS, **KEPT}


@pytest.mark.parametrize(("old", "new", "line", "key", "told"), FAULTS.values(), ids=FAULTS)
def test_one_fault_is_told_with_its_place(
    found_in_shop: Check, old: str, new: str, line: int, key: str, told: str
) -> None:
    findings = found_in_shop(old, new)
    assert [each for each in findings if (each.line, each.key) == (line, key) and told in str(each)], "\n".join(
        map(str, findings)
    )


DIAL = {
    "gone": ('  "*9373*{gift_code}#": redeem_dialled\n', "", "*9373*{gift_code}#", "is gone"),
    "changed": (
        '"*9373*{gift_code}#": redeem_dialled', '"*9373*{gift_code}#": redeem', "*9373*{gift_code}#",
        "was published as 'redeem_dialled' and now means 'redeem'",
    ),
    "spelt in two ways": (
        '"*123*7#": code', '"*123#{gift_code}#": redeem_dialled', "*123*{gift_code}#",
        "is the same as '*123#{gift_code}#'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "dialled", "told"), DIAL.values(), ids=DIAL)
def test_a_published_string_with_an_argument_is_kept(
    found_in_shop: Check, old: str, new: str, dialled: str, told: str
) -> None:
    assert [each for each in found_in_shop(old, new) if each.key == f"dial.{dialled}" and told in str(each)]


def test_a_session_keeps_only_so_many_names(found_in_shop: Check) -> None:
    inputs = [f"code{place}" for place in range(KEPT_MAX - 3)]
    declared = "\n".join(f"  {name}: {{digits: {{from: {5 + at}, to: {5 + at}}}}}" for at, name in enumerate(inputs))
    dialled = "\n".join(f'  "*123*1*{{{name}}}#": rewards' for name in inputs)

    def told(more: str, also: str) -> list[str]:
        findings = found_in_shop("inputs:\n", f"{dialled}{also}\ninputs:\n{declared}{more}\n")
        return [each.message for each in findings if "too many" in str(each)]

    assert told("", "") == []
    (message,) = told("\n  pin: {digits: {from: 4, to: 4}}", '\n  "*123*1*{pin}#": rewards')
    assert "one name too many for a session to keep: 8 are the most" in message


def test_rows_are_measured_with_their_numbers(found_in_shop: Check) -> None:
    def divided(letters: int) -> list[str]:
        text = f"'{{{{ item.price }}}} {{{{ item.title }}}}{'ж' * letters}'"
        findings = found_in_shop('"{{ item.price | number }} {{ item.title }}"', text)
        return [each.message.split("'")[1].split()[0] for each in findings if "is divided" in str(each)]

    assert divided(38) == [], "10 9999999999 Кофе, 38 letters and the navigation are 80 units"
    assert divided(39) == ["10", "11", "12", "13", "14"], "numbers of one digit leave room for one letter more"


@pytest.mark.parametrize(
    ("identity", "faults"),
    [
        pytest.param(HopIdentity.HISTORY, [], id="keys as written"),
        pytest.param(HopIdentity.NONE, ["default: 81/80 UCS-2"], id="one-time keys"),
    ],
)
def test_a_one_time_key_is_measured_where_it_is_shown(
    found_in_shop: Check, identity: HopIdentity, faults: list[str]
) -> None:
    old = 'text: {ru: "Отдать {{ price | number }}?"'
    new = f'one_page: true\n    text: {{ru: "{"ж" * 39} {{{{ price | number }}}}"'
    findings = found_in_shop(old, new, profile=Profile(hop_identity=identity))
    assert [each.message for each in findings] == faults

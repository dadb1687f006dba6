"""Menus that ask: a code that is typed or dialled, a reward chosen from a list, and a confirmation."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.menu import engine
from gateway.menu.engine import Call, End, Show, Step
from gateway.menu.kept import KEPT_LENGTH_MAX
from gateway.menu.model import Menu
from gateway.menu.numbering import PRESSED_MAX
from gateway.menu.state import State
from gateway.outcome import Fact, Outcome
from gateway.text.segments import fits
from gateway.ussd.message import HopIdentity, Profile

NONE = Profile(hop_identity=HopIdentity.NONE)
HISTORY = Profile(hop_identity=HopIdentity.HISTORY)
NUMBERS = [1, 2, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14]
"""Of twelve rows: 3 is the key of an option, 9 the key of the next page."""


def reward(place: int) -> dict[str, str | int | bool | None]:
    return {"reward": f"r{place}", "title": "Кофе", "price": 100 * place, "stock": 7}


class Shopper:
    """Dials, types, and has every action answered at once; each state goes through its bytes, as in a store."""

    def __init__(self, menu: Menu, profile: Profile = HISTORY) -> None:
        self.menu = menu
        self.profile = profile
        self.calls: list[tuple[str, Mapping[str, str]]] = []
        self.answers: dict[str, Outcome] = {
            "rewards": Outcome("listed", {"rewards": [reward(place) for place in range(1, 13)]}),
            "quote": Outcome("quoted", {"quote": "q1", "price": 300}),
            "redeem": Outcome("done"),
            "exchange": Outcome("done"),
        }

    def dial(self, *arguments: str, code: str = "*123#") -> Show | End:
        return self._until_seen(engine.begin(self.menu, self.profile, "ru", arguments, code))

    def type(self, seen: Show | End, texts: Iterable[str]) -> Show | End:
        for text in texts:
            seen = self._until_seen(engine.answer(self.menu, self.profile, stored(seen.state), text))
        return seen

    def _until_seen(self, step: Step) -> Show | End:
        while isinstance(step, Call):
            self.calls.append((step.action, step.arguments))
            step = engine.resume(self.menu, self.profile, stored(step.state), self.answers[step.action])
        assert fits(step.text, self.profile), f"the network would cut {step.text!r}"
        return step

    @property
    def spent(self) -> int:
        return sum(action in {"redeem", "exchange"} for action, _ in self.calls)


def stored(state: State) -> State:
    return State.from_bytes(state.to_bytes())


def key_of(seen: Show | End, word: str) -> str:
    """The number before an option or a row, as the subscriber reads it."""
    (line,) = [line for line in seen.text.splitlines() if line.endswith(" " + word)]
    return line.split(" ")[0]


CODE = "Введите код\n0 Назад"
TWENTY = "12345678901234567890"


class TestTyping:
    @pytest.mark.parametrize(
        ("typed", "gift_code"),
        [
            pytest.param("123456", "123456", id="the fewest digits"),
            pytest.param(TWENTY, TWENTY, id="the most"),
            pytest.param(" 123 456 ", "123456", id="spaces"),
            pytest.param("123-456", "123456", id="a hyphen"),
            pytest.param("12-34-56-78", "12345678", id="hyphens"),
            pytest.param("１２３４５６", "123456", id="full-width digits"),
            pytest.param("٠٠٠٠١٢", "000012", id="Arabic digits, and zeros in front"),
            pytest.param("123456#", "123456", id="a closing hash"),
            pytest.param("000000", "000000", id="nothing but zeros is no home key"),
        ],
    )
    def test_what_fits_goes_to_the_call(self, shop: Menu, typed: str, gift_code: str) -> None:
        shopper = Shopper(shop)
        seen = shopper.type(shopper.dial("7"), [typed])
        assert seen.text.startswith("Готово")
        assert shopper.calls == [("redeem", {"gift_code": gift_code})]

    @pytest.mark.parametrize(
        "typed",
        ["12345", TWENTY + "1", "12345a", "-123456", "123456-", "12.34.56", "", "9", "123*456"],
        ids=["a digit fewer", "a digit more", "a letter", "minus", "a hyphen last", "points", "nothing", "9", "star"],
    )
    def test_what_does_not_fit_is_a_wrong_key(self, shop: Menu, typed: str) -> None:
        shopper = Shopper(shop)
        assert shopper.type(shopper.dial("7"), [typed]).text == "Нет такого пункта\n" + CODE
        assert shopper.calls == []

    def test_keys_win_over_what_may_be_typed(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        assert shopper.type(shopper.dial("7"), ["0"]).text.startswith("Добро пожаловать")

    def test_a_refused_code_may_be_typed_anew(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        shopper.answers["redeem"] = Outcome("refused")
        seen = shopper.type(shopper.dial("7"), ["111111", "222222"])
        assert seen.text.startswith("Код не подошёл")
        assert [arguments["gift_code"] for _, arguments in shopper.calls] == ["111111", "222222"]

    def test_going_back_redeems_nothing(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        assert shopper.type(shopper.dial("7"), ["123456", "0"]).text == CODE
        assert shopper.spent == 1


class TestDialling:
    @pytest.mark.parametrize(
        ("code", "arguments"),
        [
            pytest.param("*123#", ("123456",), id="as text"),
            pytest.param("*123#", ("123456#",), id="as text, with its hash"),
            pytest.param("*123", ("123456",), id="as text, the code without its hash"),
            pytest.param("*123*123456#", (), id="in the code"),
            pytest.param("*123#123456#", (), id="after a hash"),
            pytest.param("#123#123456#", (), id="between hashes"),
            pytest.param("*123#", ("１２３４５６",), id="full-width"),
            pytest.param("*123#", ("123-456",), id="with a hyphen"),
            pytest.param("*9373#", ("123456",), id="another code, as text"),
            pytest.param("*9373*123456#", (), id="another code, whole"),
            pytest.param("*9373#123456#", (), id="another code, after a hash"),
            pytest.param("*9373*123456#", ("7",), id="what is dialled behind it is walked, and here means nothing"),
        ],
    )
    def test_a_dialled_code_is_redeemed_at_once(self, shop: Menu, code: str, arguments: tuple[str, ...]) -> None:
        shopper = Shopper(shop)
        assert shopper.dial(*arguments, code=code).text.startswith("Готово")
        assert shopper.calls == [("redeem", {"gift_code": "123456"})]

    @pytest.mark.parametrize(
        ("code", "arguments", "screen"),
        [
            pytest.param("*123#", ("1", "2"), "Отдать 300?", id="fewer digits are walked"),
            pytest.param("*123*1*2#", (), "Отдать 300?", id="fewer digits in the code too"),
            pytest.param("*123#", ("7",), "Введите код", id="a shorter published string"),
            pytest.param("*123#", ("777777",), "Подарки:", id="a literal string wins"),
            pytest.param("*123#", ("12345",), "Добро пожаловать", id="a digit fewer"),
            pytest.param("*123#", (TWENTY + "1",), "Добро пожаловать", id="a digit more"),
            pytest.param("*123#", ("12345x",), "Добро пожаловать", id="a letter"),
            pytest.param("*9373#", ("12345",), "Добро пожаловать", id="a digit fewer behind the other code"),
            pytest.param("*9373*12345#", (), "Добро пожаловать", id="the same, whole"),
        ],
    )
    def test_other_strings_are_no_code(self, shop: Menu, code: str, arguments: tuple[str, ...], screen: str) -> None:
        shopper = Shopper(shop)
        assert shopper.dial(*arguments, code=code).text.startswith(screen)
        assert shopper.spent == 0

    @pytest.mark.parametrize("profile", [NONE, HISTORY], ids=["none", "history"])
    @pytest.mark.parametrize(
        ("arguments", "screen"),
        [
            pytest.param(("2", "123456"), CODE, id="an input"),
            pytest.param(("7", "123456"), CODE, id="an input of a published screen"),
            pytest.param(("1", "2", "1"), "Отдать 300?\n1 Да\n2 Нет", id="a row, and an option"),
            pytest.param(("1", "10", "1"), "Отдать 300?\n1 Да\n2 Нет", id="a row of another page"),
        ],
    )
    def test_walking_never_moves_points(
        self, shop: Menu, profile: Profile, arguments: tuple[str, ...], screen: str
    ) -> None:
        shopper = Shopper(shop, profile)
        assert shopper.dial(*arguments).text.startswith(screen)
        assert shopper.spent == 0


class TestChoosing:
    def test_twelve_rows_are_numbered_around_the_keys(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        page = shopper.dial("777777")
        pages = [page.text]
        while "9 Далее" in page.text:
            page = shopper.type(page, ["9"])
            pages.append(page.text)
        assert len(pages) == 3
        rows = [line for text in pages for line in text.splitlines() if line.endswith("Кофе")]
        prices = [f"{100 * place:,}".replace(",", " ") for place in range(1, 13)]
        assert rows == [f"{number} {price} Кофе" for number, price in zip(NUMBERS, prices, strict=True)]

    @pytest.mark.parametrize("turned", [[], ["9"], ["9", "9"]], ids=["page 1", "page 2", "page 3"])
    @pytest.mark.parametrize(("place", "number"), list(enumerate(NUMBERS, 1)))
    def test_every_row_is_chosen_from_every_page(self, shop: Menu, place: int, number: int, turned: list[str]) -> None:
        shopper = Shopper(shop)
        shopper.type(shopper.dial("777777"), [*turned, str(number)])
        assert shopper.calls[-1] == ("quote", {"reward": f"r{place}"})

    @pytest.mark.parametrize("key", ["15", "99", "01", "123456"])
    def test_a_number_without_a_row_is_a_wrong_key(self, shop: Menu, key: str) -> None:
        shopper = Shopper(shop)
        shopper.type(shopper.dial("777777"), [key])
        assert [action for action, _ in shopper.calls] == ["rewards"]

    def test_an_option_keeps_its_key_among_rows(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        assert shopper.type(shopper.dial("777777"), ["3"]).text.startswith("Введите код")

    def test_an_empty_list_lists_nothing(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        shopper.answers["rewards"] = Outcome("listed", {"rewards": []})
        seen = shopper.dial("777777")
        assert seen.text == "Подарки:\n3 Код\n0 Назад"
        assert shopper.type(seen, ["1"]).text.startswith("Нет такого пункта")

    def test_a_session_keeps_no_more_of_a_row_than_its_text_and_the_call_need(self, shop: Menu) -> None:
        rows = Shopper(shop).dial("777777").state.facts["rewards"]
        assert isinstance(rows, list)
        assert set(rows[0]) == {"reward", "title", "price"}


class TestKeeping:
    def test_an_exchange_is_made_of_what_was_chosen_and_quoted(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        shopper.type(shopper.dial(), ["1", "4", "1"])
        assert shopper.calls[-1] == ("exchange", {"quote": "q1", "reward": "r3", "channel": "ussd"})

    def test_back_asks_again_with_what_was_kept(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        shopper.type(shopper.dial(), ["1", "4", "1", "0"])
        assert shopper.calls[-1] == ("quote", {"reward": "r3"})
        assert shopper.spent == 1

    def test_home_forgets(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        seen = shopper.type(shopper.dial(), ["1", "4"])
        assert seen.state.kept == {"reward": "r3"}
        assert shopper.type(seen, ["00"]).state.kept == {}
        assert shopper.type(seen, ["0", "0"]).state.kept == {}, "so does going back all the way"

    @pytest.mark.parametrize(
        ("fact", "written"),
        [
            pytest.param("r-1", "r-1", id="a text"),
            pytest.param(-5, "-5", id="a number"),
            pytest.param(True, "true", id="yes"),
            pytest.param(None, "", id="nothing"),
            pytest.param("r" * KEPT_LENGTH_MAX, "r" * KEPT_LENGTH_MAX, id="the longest"),
        ],
    )
    def test_facts_are_kept_as_arguments(self, shop: Menu, fact: str | int | bool | None, written: str) -> None:
        shopper = Shopper(shop)
        shopper.answers["rewards"] = Outcome("listed", {"rewards": [{**reward(1), "reward": fact}]})
        shopper.type(shopper.dial(), ["1", "1"])
        assert shopper.calls[-1] == ("quote", {"reward": written})

    def test_what_is_too_long_leads_to_the_start_and_never_to_what_was_kept_before(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        rows: Fact = [reward(1), {**reward(2), "reward": "r" * (KEPT_LENGTH_MAX + 1)}]
        shopper.answers["rewards"] = Outcome("listed", {"rewards": rows})
        seen = shopper.type(shopper.dial(), ["1", "1", "0", "2"])
        assert seen.text.startswith("Добро пожаловать")
        assert [action for action, _ in shopper.calls].count("quote") == 1

    def test_a_session_that_lost_what_was_kept_comes_to_the_start(self, shop: Menu) -> None:
        shopper = Shopper(shop)
        seen = shopper.type(shopper.dial(), ["1", "4"])
        forgetful = replace(seen, state=replace(seen.state, kept={}, pending=("1",)))
        seen = shopper.type(forgetful, ["1"])
        assert seen.text.startswith("Добро пожаловать")
        assert seen.state.back == ()
        assert shopper.spent == 0


class TestOneTimeKeys:
    """Where hops cannot be told apart, the option that moves points has a key that was not pressed yet."""

    @pytest.mark.parametrize(
        ("keys", "screen"),
        [
            pytest.param(["1", "4"], "Отдать 300?\n3 Да\n2 Нет", id="1 was pressed, 2 is an option's"),
            pytest.param(["1", "9", "9", "9", "12"], "Отдать 300?\n3 Да\n2 Нет", id="turning pages costs no key"),
            pytest.param(["3", "7", "1", "4"], "Отдать 300?\n5 Да\n2 Нет", id="wrong keys count"),
            pytest.param(
                ["3", "4", "5", "6", "7", "8", "1", "1"], "Отдать 300?\n10 Да\n2 Нет", id="9 is the next page"
            ),
        ],
    )
    def test_the_key_is_the_first_that_is_free(self, shop: Menu, keys: list[str], screen: str) -> None:
        shopper = Shopper(shop, NONE)
        seen = shopper.type(shopper.dial(), keys)
        assert seen.text.startswith(screen)
        shopper.type(seen, [key_of(seen, "Да")])
        assert shopper.spent == 1

    @pytest.mark.parametrize("identity", [each for each in HopIdentity if each is not HopIdentity.NONE])
    def test_other_dialects_keep_the_key_as_written(self, shop: Menu, identity: HopIdentity) -> None:
        shopper = Shopper(shop, Profile(hop_identity=identity))
        seen = shopper.type(shopper.dial(), ["1", "1"])
        assert seen.text.startswith("Отдать 300?\n1 Да\n2 Нет")
        assert seen.state.pressed == (), "and remember nothing"

    def test_shown_again_it_is_the_same_letters(self, shop: Menu) -> None:
        shopper = Shopper(shop, NONE)
        seen = shopper.type(shopper.dial(), ["1", "4"])
        assert engine.show(shop, NONE, stored(seen.state)).text == seen.text
        assert shopper.type(seen, ["1"]).text == "Нет такого пункта\n" + seen.text, "and after a wrong key"
        assert shopper.type(seen, ["8"]).text == "Нет такого пункта\n" + seen.text

    @given(
        keys=st.lists(st.sampled_from(["0", "00", "1", "2", "3", "4", "5", "9", "10", "x"]), max_size=25),
        data=st.data(),
    )
    @settings(max_examples=150, deadline=None)
    def test_no_late_repeat_moves_points(self, shop: Menu, keys: list[str], data: st.DataObject) -> None:
        shopper = Shopper(shop, NONE)
        seen, pressed = shopper.dial(), ["1", "1"]
        seen = shopper.type(seen, pressed)
        for key in keys:
            seen = shopper.type(seen, [key])
            pressed.append(key)
            repeat = data.draw(st.sampled_from(pressed), "a late repeat")
            before = shopper.spent
            seen = shopper.type(seen, [repeat])
            assert shopper.spent == before, f"a late {repeat} was taken for a confirmation after {pressed}"

    @given(
        keys=st.lists(
            st.sampled_from(["0", "00", "1", "2", "3", "4", "9", "13", "123456", "12-34-56", ""]), max_size=30
        )
    )
    @settings(max_examples=100, deadline=None)
    @pytest.mark.parametrize(
        "profile", [NONE, replace(HISTORY, septets_max=100, ucs2_units_max=50)], ids=["none", "tight"]
    )
    def test_whatever_is_typed_a_whole_screen_follows(self, shop: Menu, profile: Profile, keys: list[str]) -> None:
        shopper = Shopper(shop, profile)
        shopper.type(shopper.dial(), keys)
        for action, arguments in shopper.calls:
            assert action != "exchange" or arguments["reward"].startswith("r")

    def test_a_late_repeat_of_the_confirmation_itself_lands_on_the_next_screen(self, shop: Menu) -> None:
        shopper = Shopper(shop, NONE)
        seen = shopper.type(shopper.dial(), ["1", "4"])
        key = key_of(seen, "Да")
        seen = shopper.type(seen, [key, key, "2", key])
        assert seen.text.startswith("Нет такого пункта\nОтдать 300?"), "the same reward again: a new question"
        assert shopper.spent == 1

    def test_a_code_that_comes_twice_asks_the_same_call_twice(self, shop: Menu) -> None:
        shopper = Shopper(shop, NONE)
        shopper.answers["redeem"] = Outcome("refused")
        shopper.type(shopper.dial("7"), ["123456", "123456"])
        assert shopper.calls == [("redeem", {"gift_code": "123456"})] * 2

    def test_what_is_remembered_is_bounded(self, shop: Menu) -> None:
        shopper = Shopper(shop, NONE)
        seen = shopper.type(
            shopper.dial(), [*map(str, range(3, 9)), *map(str, range(10, 60)), "0", "00", "9", "123456"]
        )
        assert seen.state.pressed == tuple(map(str, range(60 - PRESSED_MAX, 60)))

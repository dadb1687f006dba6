"""What a session store keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.menu.state import State

STATES = [
    pytest.param(State("d1", "ru", "home", "home"), id="nothing but a place"),
    pytest.param(
        State("d1", "en", "b", "a", 2, ("home", "c"), {"points": 5, "on": None, "ok": True}, ("1",)), id="facts"
    ),
    pytest.param(State("d1", "ru", "b", "a", facts={"rows": []}), id="an empty list"),
    pytest.param(
        State("d1", "ru", "b", "a", facts={"rows": [{"on": "2026-01-01", "n": -5}, {"on": "2026-01-02", "n": 6}]}),
        id="a list",
    ),
    pytest.param(State("d1", "ru", "b", "a", kept={"gift_code": "123456", "none": ""}), id="what was kept"),
    pytest.param(State("d1", "ru", "b", "a", pressed=("1", "12")), id="what was pressed"),
    pytest.param(State("d1", "ru", "b", "a", 1, ("a",), {"n": 1}, ("2",), {"reward": "r1"}, ("1",)), id="everything"),
]


@pytest.mark.parametrize("state", STATES)
def test_a_state_comes_back_as_it_was(state: State) -> None:
    assert State.from_bytes(state.to_bytes()) == state


WORDS = st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS


@given(
    st.builds(
        State,
        menu=WORDS,
        language=WORDS,
        screen=WORDS,
        entry=WORDS,
        page=st.integers(0, 9),
        back=st.lists(WORDS, max_size=3).map(tuple),
        facts=st.dictionaries(
            WORDS, SCALARS | st.lists(st.fixed_dictionaries({"a": SCALARS, "b": SCALARS})), max_size=3
        ),
        pending=st.lists(WORDS, max_size=3).map(tuple),
        kept=st.dictionaries(WORDS, WORDS, max_size=3),
        pressed=st.lists(WORDS, max_size=3).map(tuple),
    )
)
def test_any_state_comes_back_as_it_was(state: State) -> None:
    assert State.from_bytes(state.to_bytes()) == state


def test_a_session_of_the_release_before_goes_on() -> None:
    stored = b'["d1","ru","b","a",2,["home"],{"rows":[["on","n"],["2026-01-01",5]]},["1"]]'
    state = State("d1", "ru", "b", "a", 2, ("home",), {"rows": [{"on": "2026-01-01", "n": 5}]}, ("1",))
    assert State.from_bytes(stored) == state
    assert state.to_bytes() == stored, "and that release reads what keeps nothing"


@pytest.mark.parametrize("stored", [b"", b"{}", b"[1]", b"\xff", b"[1,2,3,4,5,[],{},[],{}]"])
def test_anything_else_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        State.from_bytes(stored)


def test_five_movements_fit_in_300_bytes() -> None:
    rows = [{"on": "2026-12-31", "amount": 1_234, "unit": "points", "reason": "topup"}] * 5
    state = State("0123456789ab", "ru", "history_list", "history", 2, ("home",), {"movements": rows})
    assert len(state.to_bytes()) <= 300

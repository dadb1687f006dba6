"""What a session store keeps."""

import pytest

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
]


@pytest.mark.parametrize("state", STATES)
def test_a_state_comes_back_as_it_was(state: State) -> None:
    assert State.from_bytes(state.to_bytes()) == state


@pytest.mark.parametrize("stored", [b"", b"{}", b"[1]", b"\xff"])
def test_anything_else_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        State.from_bytes(stored)


def test_five_movements_fit_in_300_bytes() -> None:
    rows = [{"on": "2026-12-31", "amount": 1_234, "unit": "points", "reason": "topup"}] * 5
    state = State("0123456789ab", "ru", "history_list", "history", 2, ("home",), {"movements": rows})
    assert len(state.to_bytes()) <= 300

"""Walks a menu: an opening, an input or an outcome goes in, and a step comes out.

    begin ──┐                     ┌── Show  a screen, and the session goes on
    answer ─┼── screens, pages ───┼── End   a screen, and the session is over
    resume ─┘                     └── Call  an action; its outcome comes back through `resume`

Decides what an input means where the subscriber is. Pure: the same arguments give the same step, and nothing is
remembered between calls but the `State` inside the step. Refuses to know sessions, members, stores and time; the
caller bounds how many calls one hop may make.

Dialled arguments are walked like inputs, and never into a call that moves points: such a call needs a key pressed on
a screen that was seen, or a published string of its own. The history of a session that was lost is walked the same way.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.menu.model import CallScreen, Menu, TextScreen
from gateway.menu.paginate import paginate
from gateway.menu.state import BACK_STEPS_MAX, State
from gateway.outcome import Outcome
from gateway.text.segments import fits
from gateway.ussd.message import Profile

INPUT_LENGTH_MAX = 182  # one USSD string; a longer one did not come from a handset


@dataclass(frozen=True, slots=True)
class Show:
    """A screen that waits for an input."""

    text: str
    state: State


@dataclass(frozen=True, slots=True)
class End:
    """The last screen."""

    text: str
    state: State


@dataclass(frozen=True, slots=True)
class Call:
    """An action to run; give its outcome to `resume` with this state."""

    action: str
    arguments: Mapping[str, str]
    state: State


Step = Show | End | Call


def begin(menu: Menu, profile: Profile, language: str | None, dialled: tuple[str, ...], service_code: str) -> Step:
    """The first step of a session. `dialled` are the arguments after `service_code`, as the dialect split them.

    A published string opens its own screen, with the start as the way back; what remains is walked from there.
    """
    target, pending = menu.dialled(service_code, dialled)
    back = () if target == menu.start else (menu.start,)
    return _arrive(
        menu, profile, State(menu.digest, menu.language(language), target, target, back=back, pending=pending)
    )


def answer(menu: Menu, profile: Profile, state: State, text: str) -> Step:
    """What the subscriber's input does on the screen they see. A wrong one shows it again, with a hint if that fits."""
    moved = _moved(menu, profile, state, normalised(text))
    return _hinted(menu, profile, state) if moved is None else _arrive(menu, profile, moved)


def resume(menu: Menu, profile: Profile, state: State, outcome: Outcome) -> Step:
    """The step after the action that `state` waits for. A language in the outcome becomes the session's."""
    call = menu.screens[state.screen]
    if not isinstance(call, CallScreen):
        raise ValueError(f"screen {state.screen!r} waits for no outcome")
    if outcome.name not in call.on:
        raise ValueError(f"action {call.action!r} answered {outcome.name!r}, which it does not declare")
    language = state.language if outcome.language is None else menu.language(outcome.language)
    target = menu.screens[call.on[outcome.name]]
    if isinstance(target, CallScreen) or target.name == menu.start or target.name in state.back:
        return _arrive(menu, profile, _entered(menu, replace(state, language=language), target.name))
    facts = target.needed(outcome.facts)
    return _arrive(menu, profile, replace(state, language=language, screen=target.name, page=0, facts=facts))


def show(menu: Menu, profile: Profile, state: State) -> Show | End:
    """The page that `state` names. Also for a session that was dropped and comes back: the same letters again."""
    pages = _pages(menu, profile, state)
    page = min(state.page, len(pages) - 1)
    if page == len(pages) - 1 and _shown(menu, state).ends:
        return End(pages[page], state)
    return Show(pages[page], state)


def normalised(text: str) -> str:
    """An input as keys: full-width and other digits as ours, without spaces and a closing `#`. Empty if too long."""
    if len(text) > INPUT_LENGTH_MAX:
        return ""
    plain = "".join(text.split()).removesuffix("#")
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in plain)


def _arrive(menu: Menu, profile: Profile, state: State) -> Step:
    """What happens on the screen that `state` names: its call, the next dialled argument, or the screen itself."""
    screen = menu.screens[state.screen]
    if isinstance(screen, CallScreen):
        return Call(screen.action, screen.arguments[state.language], state)
    if state.pending:
        rest = replace(state, pending=state.pending[1:])
        walked = _moved(menu, profile, rest, normalised(state.pending[0]))
        if walked is not None and not _leads_to_points(menu, walked.screen):
            return _arrive(menu, profile, walked)
        state = replace(state, pending=())
    return show(menu, profile, state)


def _moved(menu: Menu, profile: Profile, state: State, key: str) -> State | None:
    """The state that a key leads to from the screen that is shown; None for a key that means nothing there."""
    screen = _shown(menu, state)
    if key in screen.by_key:
        return _followed(menu, state, screen.by_key[key].go)
    if key == menu.keys.home:
        return _entered(menu, state, menu.start)
    if key == menu.keys.back and state.page > 0:
        return replace(state, page=state.page - 1)
    if key == menu.keys.back and state.back:
        return replace(state, back=state.back[:-1], screen=state.back[-1], entry=state.back[-1], page=0, facts={})
    if key == menu.keys.next and state.page + 1 < len(_pages(menu, profile, state)):
        return replace(state, page=state.page + 1)
    return None


def _leads_to_points(menu: Menu, name: str) -> bool:
    screen = menu.screens[name]
    return isinstance(screen, CallScreen) and screen.leads_to_points


def _followed(menu: Menu, state: State, target: str) -> State:
    """The state after an option: the screen it was chosen on becomes the last step of the way back.

    A call that moved points is left out of the way back, since going back runs a call again.
    """
    entry = menu.screens[state.entry]
    back = state.back
    if not (isinstance(entry, CallScreen) and entry.moves_points):
        back = (*back, state.entry)[-BACK_STEPS_MAX:]
    return _entered(menu, replace(state, back=back), target)


def _entered(menu: Menu, state: State, target: str) -> State:
    """The state on `target`. A screen that is on the way back already shortens the way, so circles do not grow it."""
    back = state.back
    if target == menu.start:
        back = ()
    elif target in back:
        back = back[: back.index(target)]
    return replace(state, screen=target, entry=target, page=0, back=back, facts={})


def _shown(menu: Menu, state: State) -> TextScreen:
    screen = menu.screens[state.screen]
    if not isinstance(screen, TextScreen):
        raise ValueError(f"screen {state.screen!r} waits for an outcome, not for an input")
    return screen


def _hinted(menu: Menu, profile: Profile, state: State) -> Show | End:
    """The same page under a hint, or alone where both together would not fit."""
    step = show(menu, profile, state)
    hinted = menu.message("wrong_choice", state.language) + "\n" + step.text
    return replace(step, text=hinted) if fits(hinted, profile) else step


def _pages(menu: Menu, profile: Profile, state: State) -> tuple[str, ...]:
    screen = _shown(menu, state)
    if screen.ends:
        rails = menu.closing_rails[state.language]
    else:
        by_depth = menu.rails[state.language]
        rails = by_depth[min(len(state.back), len(by_depth) - 1)]
    return paginate(screen.lines(state.language, state.facts), rails, profile)

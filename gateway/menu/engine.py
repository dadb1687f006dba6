"""Walks a menu: an opening, an input or an outcome goes in, and a step comes out.

    begin ──┐                     ┌── Show  a screen, and the session goes on
    answer ─┼── screens, pages ───┼── End   a screen, and the session is over
    resume ─┘                     └── Call  an action; its outcome comes back through `resume`

Decides what an input means where the subscriber is. Pure: the same arguments give the same step, and nothing is
remembered between calls but the `State` inside the step. Refuses to know sessions, members, stores and time; the
caller bounds how many calls one hop may make.

Dialled arguments are walked like inputs, and never into a call that moves points: such a call needs a key pressed or a
number typed on a screen that was seen, or a published string of its own. The history of a session that was lost is
walked the same way.

The ways that a step took are in its state, for whoever counts them; the keys back, home and next take none but that to
the start.

What is kept on the way (`kept`) goes with the session until it comes home; the way back asks with what is kept now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.menu.kept import with_kept
from gateway.menu.model import NOTHING_TYPED, CallScreen, Choice, Facts, Menu, Refused, Screen, TextScreen
from gateway.menu.naming import START, outcome_name, push_name
from gateway.menu.numbering import remembered
from gateway.menu.paginate import paginate
from gateway.menu.state import BACK_STEPS_MAX, State
from gateway.menu.typed import normalised
from gateway.menu.who import NOBODY
from gateway.outcome import Outcome
from gateway.text.segments import fits
from gateway.ussd.message import HopIdentity, Profile


@dataclass(frozen=True, slots=True)
class Show:
    """A screen that waits for an input. `refused` is what was typed wrong, as `gift_code.too_short`."""

    text: str
    state: State
    refused: str = ""


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


def begin(
    menu: Menu,
    profile: Profile,
    language: str | None,
    dialled: tuple[str, ...],
    service_code: str,
    who: Facts = NOBODY,
) -> Step:
    """The first step of a session. `dialled` are the arguments after `service_code`, as the dialect split them; `who`
    is what is known of who dials.

    A published string opens its own screen, with the start as the way back; what remains is walked from there.
    """
    found = menu.dialled(service_code, dialled)
    outside = State(menu.digest, menu.language(language), menu.start, menu.start, pending=found.rest, who=who)
    return _arrive(menu, profile, _entered(menu, outside, found.way, found.screen, (menu.start,), found.kept))


def push(menu: Menu, profile: Profile, language: str, name: str, who: Facts = NOBODY) -> Step:
    """The first step of a session that we open, with the start as the way back. `KeyError`: the menu has no such
    push."""
    outside = State(menu.digest, menu.language(language), menu.start, menu.start, who=who)
    entered = _entered(menu, outside, push_name(name), menu.pushes[name].screen, (menu.start,), {})
    return _arrive(menu, profile, entered)


def answer(menu: Menu, profile: Profile, state: State, text: str) -> Step:
    """What the subscriber's input does on the screen they see. A wrong one shows it again, with a hint if that fits."""
    key, state = normalised(text), replace(state, taken=()) if state.taken else state
    moved = _moved(menu, profile, state, text)
    after = moved if isinstance(moved, State) else state
    if profile.hop_identity is HopIdentity.NONE and key not in menu.keys.all:
        after = replace(after, pressed=remembered(state.pressed, key))
    if isinstance(moved, State):
        return _arrive(menu, profile, after)
    return _hinted(menu, profile, after, moved)


def resume(menu: Menu, profile: Profile, state: State, outcome: Outcome) -> Step:
    """The step after the action that `state` waits for. A language in the outcome becomes the session's."""
    call = menu.screens[state.screen]
    if not isinstance(call, CallScreen):
        raise ValueError(f"screen {state.screen!r} waits for no outcome")
    if outcome.name not in call.on:
        raise ValueError(f"action {call.action!r} answered {outcome.name!r}, which it does not declare")
    language = state.language if outcome.language is None else menu.language(outcome.language)
    way, target = outcome_name(call.name, outcome.name), menu.screens[call.on[outcome.name]]
    if isinstance(target, CallScreen) or target.name == menu.start or target.name in state.back:
        entered = _entered(menu, replace(state, language=language), way, target.name, state.back, state.kept)
        return _arrive(menu, profile, entered)
    screen, facts, ways = _sight(menu, target, outcome.facts, state.who)
    taken = (*state.taken, way, *ways)
    seen = replace(state, language=language, screen=screen, page=0, facts=facts, taken=taken)
    return _arrive(menu, profile, seen)


def show(menu: Menu, profile: Profile, state: State) -> Show | End:
    """The page that `state` names. Also for a session that was dropped and comes back: the same letters again."""
    pages = _pages(menu, profile, state)
    page = min(state.page, len(pages) - 1)
    if page == len(pages) - 1 and _shown(menu, state).ends:
        return End(pages[page], state)
    return Show(pages[page], state)


def _arrive(menu: Menu, profile: Profile, state: State) -> Step:
    """What happens on the screen that `state` names: its call, the next dialled argument, or the screen itself."""
    screen = menu.screens[state.screen]
    if isinstance(screen, CallScreen):
        arguments = screen.asked(state.language, state.kept)
        if arguments is None:  # `lint` proves that no way of this menu comes here; a stored session may be older
            return _arrive(menu, profile, _at_start(menu, replace(state, pending=())))
        return Call(screen.action, arguments, state)
    if state.pending:
        rest = replace(state, pending=state.pending[1:])
        walked = _moved(menu, profile, rest, state.pending[0])
        if isinstance(walked, State) and not _leads_to_points(menu, walked.screen):
            return _arrive(menu, profile, walked)
        state = replace(state, pending=())
    return show(menu, profile, state)


def _moved(menu: Menu, profile: Profile, state: State, text: str) -> State | Refused | None:
    """The state that an input leads to from the screen that is shown; None for one that means nothing there."""
    screen, key = _shown(menu, state), normalised(text)
    chosen = screen.chosen(key, state.facts, _repeatable(profile, state))
    if chosen is not None:
        return _followed(menu, state, chosen)
    if key == menu.keys.home:
        return _at_start(menu, state)
    if key == menu.keys.back and state.page > 0:
        return replace(state, page=state.page - 1)
    if key == menu.keys.back and state.back:
        return _entered(menu, state, None, state.back[-1], state.back[:-1], state.kept)
    if key == menu.keys.next and state.page + 1 < len(_pages(menu, profile, state)):
        return replace(state, page=state.page + 1)
    entered = screen.entered(text, state.facts)
    return _followed(menu, state, entered) if isinstance(entered, Choice) else entered


def _repeatable(profile: Profile, state: State) -> tuple[str, ...] | None:
    """The numbers that a late repeat could send again; None where the dialect tells a repeat from a new hop."""
    return state.pressed if profile.hop_identity is HopIdentity.NONE else None


def _leads_to_points(menu: Menu, name: str) -> bool:
    screen = menu.screens[name]
    return isinstance(screen, CallScreen) and screen.leads_to_points


def _followed(menu: Menu, state: State, choice: Choice) -> State:
    """The state after a choice: the screen it was made on becomes the last step of the way back.

    A call that moved points, or may move them the next time, is left out: going back runs a call again.
    """
    entry = menu.screens[state.entry]
    back = state.back
    if not (isinstance(entry, CallScreen) and entry.leads_to_points):
        back = (*back, state.entry)[-BACK_STEPS_MAX:]
    return _entered(menu, state, choice.way, choice.go, back, with_kept(state.kept, choice.kept))


def _at_start(menu: Menu, state: State) -> State:
    return _entered(menu, state, START, menu.start, (), {})


def _entered(
    menu: Menu, state: State, way: str | None, target: str, back: tuple[str, ...], kept: Mapping[str, str]
) -> State:
    """The state on `target`, by that way of the menu. A screen that is on the way back already shortens that one, so
    circles do not grow it.

    At the start a new way begins, and nothing is kept.
    """
    if target == menu.start:
        back, kept = (), {}
    elif target in back:
        back = back[: back.index(target)]
    screen, facts, ways = _sight(menu, menu.screens[target], {}, state.who)
    taken = (*state.taken, *(() if way is None else (way,)), *ways)
    return replace(state, screen=screen, entry=target, page=0, back=back, facts=facts, kept=kept, tries=0, taken=taken)


def _sight(menu: Menu, screen: Screen, facts: Facts, who: Facts) -> tuple[str, Facts, tuple[str, ...]]:
    """What is seen on a screen: it, or what this subscriber sees in its place; what that speaks of; and the way from
    the one to the other."""
    if isinstance(screen, CallScreen):
        return screen.name, {}, ()
    known = {**facts, **who} if who else facts
    other = screen.stands_for(known) if screen.instead else None
    if other is None:
        return screen.name, screen.needed(known) if known else {}, ()
    shown = menu.screens[other.show]
    if not isinstance(shown, TextScreen):
        raise ValueError(f"screen {other.show!r} cannot stand for {screen.name!r}: it is never seen")
    return shown.name, shown.needed(known) if known else {}, (other.way,)


def _shown(menu: Menu, state: State) -> TextScreen:
    screen = menu.screens[state.screen]
    if not isinstance(screen, TextScreen):
        raise ValueError(f"screen {state.screen!r} waits for an outcome, not for an input")
    return screen


def _hinted(menu: Menu, profile: Profile, state: State, refused: Refused | None) -> Show | End:
    """The same page under a hint, or alone where both together would not fit. What an input says is proved to fit."""
    said = refused.said(state.language) if refused else None
    if said is not None:
        state = replace(state, tries=state.tries + 1)
    step = show(menu, profile, state)
    if refused is not None and isinstance(step, Show):
        step = replace(step, refused=str(refused))
    hinted = (said or menu.message("wrong_choice", state.language)) + "\n" + step.text
    return replace(step, text=hinted) if fits(hinted, profile) else step


def _pages(menu: Menu, profile: Profile, state: State) -> tuple[str, ...]:
    screen = _shown(menu, state)
    if screen.ends:
        rails = menu.closing_rails[state.language]
    else:
        by_depth = menu.rails[state.language]
        rails = by_depth[min(len(state.back), len(by_depth) - 1)]
    typed = menu.typed(state.kept) if screen.recalls else NOTHING_TYPED
    lines = screen.lines(state.language, state.facts, _repeatable(profile, state), typed)
    return paginate(lines, rails, profile)

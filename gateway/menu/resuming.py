"""Goes on where a session was dropped: which ones are worth it, and what their subscriber sees first.

Decides what is asked again and what is shown as it was. Points never move here: a screen that told of points tells the
same again. Refuses to know how long ago it was, and who dials.
"""

from collections.abc import Mapping
from dataclasses import replace

from gateway.menu import engine
from gateway.menu.engine import Call, End, Show, Step
from gateway.menu.model import CallScreen, Menu, Resume
from gateway.menu.numbering import remembered
from gateway.menu.state import State
from gateway.menu.typed import normalised
from gateway.text.segments import fits
from gateway.ussd.message import Profile


def worth_it(menu: Menu, state: State, resume: Resume) -> bool:
    """Whether somebody who is dropped here would rather go on than begin anew: not at the start, nor as near to it as
    the menu's author says."""
    tells_points = menu.moves_points(state.entry)
    return state.entry != menu.start and (tells_points or len(state.back) >= resume.steps)


def is_plain(menu: Menu, service_code: str, dialled: tuple[str, ...]) -> bool:
    """Whether a dial asks for nothing but the start: arguments and other published strings ask for what they name."""
    found = menu.dialled(service_code, dialled)
    return found.screen == menu.start and not found.rest and not found.kept


def again(menu: Menu, profile: Profile, state: State, key: str = "") -> Step:
    """The screen that a session stood on, in a session of its own; `key` was pressed in this one before.

    A call is run again, so that its facts are of now. Not so one that may move points, and one that means another thing
    by the language that it changed: there the screen stands as it was.
    """
    fresh = replace(state, pending=(), pressed=remembered((), normalised(key)))
    entry = menu.screens.get(state.entry)
    if isinstance(entry, CallScreen) and not entry.leads_to_points and _asks_alike(entry):
        arguments = entry.asked(state.language, state.kept)
        if arguments is not None:
            return Call(entry.action, arguments, replace(fresh, screen=entry.name, page=0, facts={}))
    return engine.show(menu, profile, fresh)


def pressed(step: Step, key: str) -> Step:
    """A step that begins anew, remembering the key that chose it: no late repeat of it confirms anything."""
    return replace(step, state=replace(step.state, pressed=remembered(step.state.pressed, key)))


def turned(menu: Menu, profile: Profile, shown: Show | End, before: State) -> Show | End:
    """The page that the subscriber was on, where the same screen came again and still has it."""
    if shown.state.screen != before.screen or not before.page:
        return shown
    there = engine.show(menu, profile, replace(shown.state, page=before.page))
    first = engine.show(menu, profile, replace(shown.state, page=before.page - 1))
    return shown if there.text == first.text else there  # past the last page the last is shown


def question(menu: Menu, profile: Profile, resume: Resume, state: State, *, hinted: bool) -> Show:
    """Whether to go on, with a hint after a key that is no answer, if that fits. The state is that of the drop."""
    asked = resume.asks[menu.language(state.language)]
    above = f"{menu.message('wrong_choice', state.language)}\n{asked}"
    return Show(above if hinted and fits(above, profile) else asked, state)


def _asks_alike(entry: CallScreen) -> bool:
    spoken: list[Mapping[str, str]] = list(entry.arguments.values())
    return all(arguments == spoken[0] for arguments in spoken)

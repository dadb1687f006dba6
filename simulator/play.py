"""Plays a dialogue against a gateway and says whether every screen and every SMS was what the file expects.

Every screen is also measured: one that a network would cut off fails the dialogue, asked or not. So does an SMS that
no step expects. The first difference ends the play, because what follows on a phone depends on what came before. Where
the SMSC or the billing was told to fail, or staff stopped something, it is in good order again afterwards.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from simulator import stores
from simulator.call import Closing, Dialect
from simulator.compare import MismatchError, compare_screen, compare_sms, framed
from simulator.deployment import Deployment
from simulator.dialects import dialect as dialect_of
from simulator.dialogue import FRESH, GIFT_CODE, IN_ORDER, OPERATOR_VERBS, REAL_WAIT_MAX_S, STAFF_VERBS, Dialogue, Step
from simulator.dialogue import Phone as Described
from simulator.errors import EventRefusedError, HopFailedError, NotPlayableError, PhraseError, SimulatorError
from simulator.handset import CHANCE, Handset, Screen
from simulator.line import Line, mishap
from simulator.mailbox import Mailbox
from simulator.network import Sms
from simulator.numbers import fresh_number
from simulator.patterns import Values
from simulator.phrases import grant, happening, seconds
from simulator.staff import Staff
from simulator.unasked import Unasked
from simulator.world import World

STRAGGLERS_S = 0.5  # after the last step: a second answer to one text comes well within it
PUSHED_WITHIN_S = 10.0
"""The gateway looks twice a second for what it is to show."""
Seen = Screen | Sms
Watch = Callable[[Step, Seen], None]
Judge = Callable[[Step, Seen, Values], Values]
"""What a screen or an SMS told by name; raises `MismatchError` for one that is not as expected."""


def strictly(step: Step, seen: Seen, known: Values) -> Values:
    """As the file has it."""
    return compare_sms(step, seen, known) if isinstance(seen, Sms) else compare_screen(step, seen, known)


def unseen(step: Step, seen: Seen) -> None:
    """The `watch` of a play that nobody watches."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one play went. `failure` is empty when all was as expected; else it says where and how it differed, and
    `line` is the line of the step; `took_s` is in seconds."""

    dialogue: Dialogue
    screens: int
    texts: int
    failure: str = ""
    line: int = 0
    took_s: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.failure


@dataclass(frozen=True, slots=True)
class _Phone:
    handset: Handset
    line: Line
    mailbox: Mailbox
    unasked: Unasked


@dataclass(slots=True)
class _Play:
    """A play under way. `known` is what was told by name; `disturbed`, who must be set right at the end."""

    dialogue: Dialogue
    world: World
    phones: Mapping[str, _Phone]
    watch: Watch
    judge: Judge
    known: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    disturbed: set[str] = field(default_factory=set)
    staff: Staff = field(init=False)

    def __post_init__(self) -> None:
        self.staff = Staff(self.world.deployment)


def play(dialogue: Dialogue, world: World, dialect: Dialect, watch: Watch = unseen, judge: Judge = strictly) -> Result:
    """Play all steps, or those up to the first difference. `watch` sees each screen and SMS as it appears. `dialect` is
    that of the phones whose dialogue names none.

    Raises `SimulatorError` when the gateway or the SMSC is down, or cannot do what a step asks.
    """
    phones = {name: _joined(described, world, dialect) for name, described in dialogue.phones.items()}
    if dialogue.says_sms:
        for phone in phones.values():
            phone.mailbox.open()
    playing = _Play(dialogue, world, phones, watch, judge)
    try:
        return _played(playing)
    finally:
        for leave in (*_set_right(playing), *(phone.handset.hang_up for phone in phones.values())):
            with suppress(SimulatorError):  # whatever went wrong has been said; this only leaves nothing behind
                leave()


def _joined(described: Described, world: World, dialect: Dialect) -> _Phone:
    number = fresh_number() if described.number == FRESH else described.number
    spoken = dialect if described.dialect is None else dialect_of(described.dialect)
    line = Line(world.send, world.abandon)
    handset = Handset(number, spoken, line.hop, CHANCE, line.note)
    mailbox, unasked = Mailbox(number, world.network, described.link or ""), Unasked(number, spoken, world.network)
    return _Phone(handset, line, mailbox, unasked)


def _played(playing: _Play) -> Result:
    dialogue, began = playing.dialogue, time.monotonic()
    failure, failed_line = "", 0
    for written, line in zip(dialogue.steps, dialogue.lines, strict=True):
        phone = playing.phones[dialogue.phone_of(written)]
        try:
            for one in _done(written.knowing(playing.known), phone, playing):
                playing.seen.append(one)
                playing.watch(written, one)
                playing.known |= playing.judge(written, one, playing.known)
        except (MismatchError, EventRefusedError, HopFailedError, PhraseError) as error:
            failure, failed_line = f"{dialogue.file}:{line}: {_spoken(written)}: {error}", line
            break
    else:
        failure = _left_unread(dialogue, playing.phones)
    texts = sum(isinstance(one, Sms) for one in playing.seen)
    screens = len(playing.seen) - texts
    return Result(dialogue, screens, texts, failure, failed_line, time.monotonic() - began)


def _done(step: Step, phone: _Phone, playing: _Play) -> Iterator[Seen]:
    """Do what the step says; the screen and the SMS that it led to, if any."""
    screen = _acted(step, phone, playing)
    if screen is not None:
        yield screen
    _check_closing(phone.handset)
    if step.expects_sms:
        yield _arrived(phone.mailbox, step.within)
    elif step.expect_no_sms is not None:
        sms = phone.mailbox.next(seconds(step.expect_no_sms))
        if sms is not None:
            raise MismatchError(_unexpected(sms))


def _acted(step: Step, phone: _Phone, playing: _Play) -> Screen | None:
    """What the subscriber does; the rest is `_happened`. Where no screen shall come, none is the expected end."""
    hop = _hop(step, phone, playing)
    if hop is None:
        _happened(step, phone, playing)
        return None
    if not step.fails:
        return hop()
    with suppress(HopFailedError):
        screen = hop()
        raise MismatchError(f"a screen came, and none should\n{framed(screen.text)}")
    return None


def _hop(step: Step, phone: _Phone, playing: _Play) -> Callable[[], Screen] | None:
    if step.dial is not None:
        return partial(phone.handset.dial, step.dial)
    if step.answer is not None:
        return partial(phone.handset.answer, step.answer)
    if step.push is not None:
        return partial(_pushed, step.push, phone, playing.world.deployment)
    return None


def _pushed(name: str, phone: _Phone, deployment: Deployment) -> Screen:
    """What the network shows after the operator's systems asked for it."""
    phone.unasked.open()
    push_id = deployment.push(phone.handset.msisdn, name, phone.unasked.smsc)
    pushed = phone.unasked.next(PUSHED_WITHIN_S)
    if pushed is None:
        state, why = deployment.push_state(push_id)
        raise HopFailedError(
            f"nothing was shown within {PUSHED_WITHIN_S:.0f} s; the push is {state}: {why or 'so far'}"
        )
    return phone.handset.show(pushed)


def _happened(step: Step, phone: _Phone, playing: _Play) -> None:
    deployment, msisdn = playing.world.deployment, phone.handset.msisdn
    if step.text is not None and step.to is not None:
        phone.mailbox.send(step.to, step.text)
    elif step.verb in OPERATOR_VERBS:
        _operated(step, msisdn, playing)
    elif step.wait is not None:
        _wait(seconds(step.wait), deployment)
    elif step.hang_up is not None:
        phone.handset.hang_up()
    elif step.network is not None:
        _befall(step.network, phone)
    elif step.store is not None:
        playing.disturbed.add("store")
        stores.order(step.store, deployment)
    elif step.verb in STAFF_VERBS:
        _staffed(step, playing)
    else:
        _behave(step, playing)


def _operated(step: Step, msisdn: str, playing: _Play) -> None:
    """What the operator's systems and staff do about the number."""
    deployment = playing.world.deployment
    if step.event is not None:
        deployment.tell(msisdn, happening(step.event))
    elif step.gift_code is not None:
        playing.known[GIFT_CODE] = deployment.issue_gift_code(msisdn, grant(step.gift_code))
    elif step.language is not None:
        deployment.choose_language(msisdn, step.language)


def _staffed(step: Step, playing: _Play) -> None:
    """What staff do that everybody notices."""
    playing.disturbed.add("staff")
    if step.switch == IN_ORDER:
        playing.staff.close()
    elif step.switch is not None:
        playing.staff.throw(step.switch)
    elif step.stock == IN_ORDER:
        playing.staff.put_back()
    elif isinstance(step.stock, dict):
        playing.staff.leave(step.stock)


def _befall(words: str, phone: _Phone) -> None:
    """What the USSD network does: to the next hop, or to the session now."""
    what = mishap(words)
    if not isinstance(what, Closing):
        phone.line.order(what)
    elif not phone.handset.in_session:
        raise PhraseError("no session is open that could end: dial first, for instance *123#")
    else:
        phone.handset.hang_up(what)


def _behave(step: Step, playing: _Play) -> None:
    """How the SMSC and the billing behave from now on."""
    for name, said, other in (
        ("smsc", step.smsc, playing.world.network),
        ("billing", step.billing, playing.world.billing),
    ):
        if said == IN_ORDER:
            other.reset()
        elif isinstance(said, dict):
            playing.disturbed.add(name)
            other.order(said)


def _set_right(playing: _Play) -> Iterator[Callable[[], None]]:
    """What puts in order again whatever the dialogue disturbed."""
    world = playing.world
    orders: Mapping[str, Callable[[], None]] = {
        "smsc": world.network.reset,
        "billing": world.billing.reset,
        "store": partial(stores.order, stores.IN_ORDER, world.deployment),
        "staff": playing.staff.set_right,
    }
    return (orders[name] for name in sorted(playing.disturbed))


def _wait(wait_s: int, deployment: Deployment) -> None:
    if deployment.advance(wait_s) is not None:
        return
    if wait_s > REAL_WAIT_MAX_S:
        raise NotPlayableError(
            f"this deployment has no virtual clock, and {wait_s} s is too long to wait for: "
            "play the dialogue against `gateway serve --demo`"
        )
    time.sleep(wait_s)  # the dialogue asks for real time to pass: that is the step, not a race covered up


def _arrived(mailbox: Mailbox, within: str) -> Sms:
    sms = mailbox.next(seconds(within))
    if sms is None:
        fate = mailbox.fate_of_sent()
        raise MismatchError(f"no SMS came within {within}" + (f"; of the phone's last text: {fate}" if fate else ""))
    return sms


def _check_closing(handset: Handset) -> None:
    """The application must take the note that a session is over, though no subscriber would notice."""
    answer = handset.closing_answer
    if answer is not None and answer.status >= 400:
        raise MismatchError(f"the gateway refused the note that the session is over: HTTP {answer.status}")


def _left_unread(dialogue: Dialogue, phones: Mapping[str, _Phone]) -> str:
    """What is wrong at the end: an SMS that nobody expected is a defect, be it a second answer or somebody else's."""
    if not dialogue.says_sms or dialogue.ignores_unread_sms:
        return ""
    deadline = time.monotonic() + STRAGGLERS_S
    for name, phone in phones.items():
        sms = phone.mailbox.next(max(deadline - time.monotonic(), 0))
        if sms is not None:
            return f"{dialogue.file}: {name}, after the last step: {_unexpected(sms)}"
    return ""


def _unexpected(sms: Sms) -> str:
    return f"an SMS came from {sms.source} that no step expects\n{framed(sms.text)}"


def _spoken(step: Step) -> str:
    """The step as its author would say it: `dial *123#`, `text Баланс to 6111`."""
    value = getattr(step, step.verb)
    what = step.verb.replace("_", " ")
    if isinstance(value, str):
        what += f" {value}" + (f" to {step.to}" if step.to is not None else "")
    return f"{step.phone}: {what}" if step.phone else what

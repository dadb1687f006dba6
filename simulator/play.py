"""Plays a dialogue against a gateway and says whether every screen and every SMS was what the file expects.

Every screen is also measured: one that a network would cut off fails the dialogue, asked or not. So does an SMS that
no step expects. The first difference ends the play, because what follows on a phone depends on what came before.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from simulator.call import Dialect
from simulator.compare import MismatchError, compare_screen, compare_sms, framed
from simulator.deployment import Deployment
from simulator.dialogue import FRESH, REAL_WAIT_MAX_S, Dialogue, Step
from simulator.errors import EventRefusedError, HopFailedError, NotPlayableError, PhraseError, SimulatorError
from simulator.handset import Handset, Screen
from simulator.mailbox import Mailbox
from simulator.network import Network, Sms
from simulator.phrases import grant, happening, seconds

STRAGGLERS_S = 0.5  # after the last step: a second answer to one text comes well within it
Seen = Screen | Sms
Watch = Callable[[Step, Seen], None]


def unseen(step: Step, seen: Seen) -> None:
    """The `watch` of a play that nobody watches."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one play went. `failure` is empty when all was as expected; else it says where and how it differed."""

    dialogue: Dialogue
    screens: int
    texts: int
    failure: str = ""

    @property
    def passed(self) -> bool:
        return not self.failure


@dataclass(frozen=True, slots=True)
class _Phone:
    handset: Handset
    mailbox: Mailbox


def play(
    dialogue: Dialogue, deployment: Deployment, network: Network, dialect: Dialect, watch: Watch = unseen
) -> Result:
    """Play all steps, or those up to the first difference. `watch` sees each screen and SMS as it appears.

    Raises `SimulatorError` when the gateway or the SMSC is down, or cannot do what a step asks.
    """
    numbers = {name: _fresh_number() if number == FRESH else number for name, number in dialogue.phones.items()}
    phones = {
        name: _Phone(Handset(number, dialect, deployment.send), Mailbox(number, network))
        for name, number in numbers.items()
    }
    if dialogue.says_sms:
        for phone in phones.values():
            phone.mailbox.open()
    try:
        return _played(dialogue, phones, deployment, watch)
    finally:
        for phone in phones.values():
            with suppress(SimulatorError):  # whatever went wrong has been said; this only leaves no session behind
                phone.handset.hang_up()


def _played(dialogue: Dialogue, phones: Mapping[str, _Phone], deployment: Deployment, watch: Watch) -> Result:
    seen: list[Seen] = []
    failure, gift_code = "", ""
    for written, line in zip(dialogue.steps, dialogue.lines, strict=True):
        step, phone = written.knowing(gift_code), phones[dialogue.phone_of(written)]
        try:
            if step.gift_code is not None:
                gift_code = deployment.issue_gift_code(phone.handset.msisdn, grant(step.gift_code))
            for one in _done(step, phone, deployment):
                seen.append(one)
                watch(step, one)
                _compare(step, one)
        except (MismatchError, EventRefusedError, HopFailedError, PhraseError) as error:
            failure = f"{dialogue.file}:{line}: {_spoken(written)}: {error}"
            break
    else:
        failure = _left_unread(dialogue, phones)
    texts = sum(isinstance(one, Sms) for one in seen)
    return Result(dialogue, len(seen) - texts, texts, failure)


def _done(step: Step, phone: _Phone, deployment: Deployment) -> Iterator[Seen]:
    """Do what the step says; the screen and the SMS that it led to, if any."""
    screen = _acted(step, phone, deployment)
    if screen is not None:
        yield screen
    _check_closing(phone.handset)
    if step.expect_sms is not None:
        yield _arrived(phone.mailbox, step.within)
    elif step.expect_no_sms is not None:
        sms = phone.mailbox.next(seconds(step.expect_no_sms))
        if sms is not None:
            raise MismatchError(_unexpected(sms))


def _acted(step: Step, phone: _Phone, deployment: Deployment) -> Screen | None:
    if step.dial is not None:
        return phone.handset.dial(step.dial)
    if step.answer is not None:
        return phone.handset.answer(step.answer)
    if step.text is not None and step.to is not None:
        phone.mailbox.send(step.to, step.text)
    elif step.event is not None:
        deployment.tell(phone.handset.msisdn, happening(step.event))
    elif step.wait is not None:
        _wait(seconds(step.wait), deployment)
    elif step.hang_up is not None:
        phone.handset.hang_up()
    return None


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


def _compare(step: Step, seen: Seen) -> None:
    if isinstance(seen, Sms):
        compare_sms(step, seen)
    else:
        compare_screen(step, seen)


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


def _fresh_number() -> str:
    return f"+7921{random.SystemRandom().randrange(10**7):07d}"

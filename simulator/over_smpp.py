"""USSD gateways that reach the application over SMPP: what the SMSC is told to send, and what its answer means.

Where a gateway's kinds differ is in `Manner`; each kind is a file of `simulator/dialects`. The SMSC's control port
sends the message and waits for the screen (`smsc.control`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.smpp.pdu.messages import USSD, UssdOp
from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message, Pushed
from simulator.errors import HopFailedError

PREFIX = "smpp_"
PATH = "/ussd"
JSON = "application/json"
DESTINATION_LENGTH_MAX = 20
SERVICE_NUMBER = "6111"
PROFILE = Profile(hop_identity=HopIdentity.NONE)
END = 1


class SaidIn(StrEnum):
    """Where a gateway writes what was dialled."""

    BOTH = "the service code in the destination, all of it in the text"
    TEXT = "the text alone"
    DESTINATION = "the destination alone, as far as one has room"


@dataclass(frozen=True, slots=True)
class Manner:
    """What one kind of gateway does. `session_bits` are those of the id, which stand at `session_shift` in
    its_session_info; with `by_reference` it is user_message_reference instead. `aborts` is what a subscriber who leaves
    is told by; `ends_by_bit` says that a last screen is known by its last bit alone."""

    session_bits: int
    session_shift: int = 0
    by_reference: bool = False
    counts_units: bool = False
    said_in: SaidIn = SaidIn.TEXT
    aborts: UssdOp | None = None
    ends_by_bit: bool = False
    cbs: bool = False


@dataclass(frozen=True, slots=True)
class SmppDialect:
    """A dialect, as a value. It is also the system_id of the link that speaks it in a demo."""

    name: str
    manner: Manner
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return str(draw(self.manner.session_bits)) if self.manner.session_bits else ""

    @property
    def smsc(self) -> str:
        """See `TakesPushes.smsc`."""
        return self.name.removeprefix(PREFIX)

    def link(self, at: str) -> str:
        """The link of a gateway under test that speaks it with an SMSC of ours at `host:port`."""
        name = self.smsc
        coded = "cbs" if self.manner.cbs else "sms"
        return f"smpp://{self.name}:demo@{at}?smsc={name}&system_type={USSD}&ussd={name}&ussd_data_coding={coded}"

    def hop(self, call: Call) -> Message:
        if call.inputs:
            return self._message(call, UssdOp.USSR_CONFIRM, self._service_number(call), call.newest)
        match self.manner.said_in:
            case SaidIn.DESTINATION if len(call.dialled) <= DESTINATION_LENGTH_MAX:
                return self._message(call, UssdOp.PSSR_INDICATION, call.dialled, "")
            case SaidIn.BOTH:
                return self._message(call, UssdOp.PSSR_INDICATION, call.service_code, call.dialled)
            case _:
                return self._message(call, UssdOp.PSSR_INDICATION, SERVICE_NUMBER, call.dialled)

    def read(self, answer: Answer) -> tuple[str, bool]:
        fields = _read(answer)
        op, info = fields.get("op"), fields.get("its_session_info") or 0
        if op == UssdOp.USSN_REQUEST:
            known, ends = True, True
        elif self.manner.ends_by_bit:
            known, ends = op == UssdOp.USSR_REQUEST, bool(info & END)
        else:
            known, ends = op in {UssdOp.USSR_REQUEST, UssdOp.PSSR_RESPONSE}, op == UssdOp.PSSR_RESPONSE
        if not known:
            raise HopFailedError(f"the screen's ussd_service_op is {op}, which this gateway does not show")
        if not fields["text"]:
            raise HopFailedError("the screen is empty: it holds at least one character")
        return str(fields["text"]), ends

    def closed(self, closed: Closed) -> Message | None:
        if self.manner.aborts is None or closed.how is Closing.BY_APPLICATION:
            return None
        return self._message(closed.call, self.manner.aborts, self._service_number(closed.call), "", ends=True)

    def opened(self, msisdn: str, pushed: Pushed) -> Call:
        """See `TakesPushes.opened`."""
        manner, facts = self.manner, pushed.facts
        session = facts["user_message_reference"] if manner.by_reference else facts["its_session_info"]
        number = (session or 0) >> manner.session_shift & 2**manner.session_bits - 1
        screen = {name: facts[name] for name in ("text", "op", "its_session_info")}
        return Call(
            str(number) if manner.session_bits else "",
            msisdn,
            pushed.source,
            (),
            last_answer=Answer(200, JSON, json.dumps(screen)),
            is_pushed=True,
        )

    def confirmation(self, call: Call) -> Message:
        """See `TakesPushes.confirmation`."""
        return self._message(call, UssdOp.USSN_CONFIRM, call.service_code, "", wants_screen=False)

    def _service_number(self, call: Call) -> str:
        return call.service_code if call.is_pushed or self.manner.said_in is SaidIn.BOTH else SERVICE_NUMBER

    def _message(
        self,
        call: Call,
        op: UssdOp,
        destination: str,
        text: str,
        *,
        ends: bool = False,
        wants_screen: bool = True,
    ) -> Message:
        fields: dict[str, object] = {
            "msisdn": call.msisdn,
            "destination": destination,
            "text": text,
            "op": int(op),
            "cbs": self.manner.cbs,
            "wants_screen": wants_screen and not ends,
            "system_id": self.name,
        }
        return Message("POST", PATH, JSON, json.dumps(fields | self._session(call, ends=ends)), by_smsc=True)

    def _session(self, call: Call, *, ends: bool) -> dict[str, int]:
        """How the message names its session."""
        manner = self.manner
        if not manner.session_bits:
            return {}
        if manner.by_reference:
            return {"user_message_reference": int(call.session_id)}
        info = int(call.session_id) << manner.session_shift | int(ends)
        if manner.counts_units and call.last_answer is not None:
            info |= (_read(call.last_answer).get("its_session_info") or 0) & 0xFE
        mask = 2**manner.session_bits - 1 << manner.session_shift
        return {"its_session_info": info, "session_mask": mask}


def _read(answer: Answer) -> dict[str, Any]:
    """What the SMSC says of a screen. Raises `HopFailedError` with its reason when there is none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise HopFailedError(f"the SMSC's control port answered HTTP {answer.status}: {answer.body[:120]!r}")
    if answer.status != 200:
        why = found.get("detail")
        raise HopFailedError("; ".join(why) if isinstance(why, list) else f"HTTP {answer.status}: {why}")
    return found

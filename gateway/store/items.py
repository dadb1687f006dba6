"""What a verb asked for, as `write_batch` takes it: the one place that knows both shapes.

Decides the digest by which a repeat is told from another request under the same key, what of a request is a secret, and
which shared row (a stock, a bearer code) it touches, since such writes never leave beside others (decision 0012).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from gateway.ids import IdempotencyKey, MemberId
from gateway.loyalty.codes import Form, well_formed
from gateway.loyalty.rules import Earning
from gateway.loyalty.writes import (
    Adjust,
    CaptureHold,
    ChooseLanguage,
    MakeQuote,
    PlaceHold,
    PlaceOrder,
    RecordConsent,
    RedeemCode,
    Refund,
    ReleaseHold,
    Reverse,
    SettleOrder,
    Spend,
    Told,
    Write,
)
from gateway.sms.kinds import KINDS
from gateway.store.code_keys import CodeKeys
from gateway.store.numbers import NumberKeys

Item = Mapping[str, Any]

PICK_UP = "pick_up"


@dataclass(frozen=True, slots=True)
class Sender:
    """From where a member is told something that no text of theirs asked for: the link's name and our number."""

    smsc: str
    short_number: str


@dataclass(frozen=True, slots=True)
class Items:
    """Makes items of writes. `grace_s` is how long points live on that return to a lot which is over."""

    number_keys: NumberKeys
    code_keys: CodeKeys
    grace_s: int
    sender: Sender | None

    def of(self, write: Write, at: datetime, pack_version_id: int, sender: Sender | None = None) -> Item:
        """A verb's write. What it tells goes from `sender`: the number that was texted to, where one was."""
        what, body = replace(self, sender=sender or self.sender)._what(write, at, pack_version_id)
        return what | {
            "member_id": write.member_id,
            "key": write.key,
            "request_digest": digest(body),
            "at": at.isoformat(),
            "pack_version_id": pack_version_id,
            "grace_s": self.grace_s,
        }

    def _what(self, write: Write, at: datetime, pack: int) -> tuple[dict[str, Any], list[Any]]:
        """The item of a write without what all have in common, and the body that a repeat must equal."""
        match write:
            case ChooseLanguage():
                return {"primitive": "choose_language", "language": write.language}, [write.language]
            case RecordConsent():
                said = {"given": write.given, "channel": write.channel, "wording": write.wording}
                return {"primitive": "record_consent"} | said, list(said.values())
            case PlaceHold() | CaptureHold() | ReleaseHold() | Spend() | Refund() | Reverse() | Adjust():
                return movement(write)
            case MakeQuote():
                told = {"reward": write.reward, "unit": write.unit, "price": write.price}
                expiry = {"short_number": write.short_number, "expires_at": write.expires_at.isoformat()}
                return {"primitive": "make_quote"} | told | expiry, list(told.values())
            case PlaceOrder():
                return self._order(write, at, pack)
            case SettleOrder():
                return self._settlement(write, at, pack)
            case RedeemCode():
                return self._redemption(write, at, pack)
            case _:
                assert_never(write)

    def _order(self, write: PlaceOrder, at: datetime, pack: int) -> tuple[dict[str, Any], list[Any]]:
        asked = {"reward": write.reward, "unit": write.unit, "price": write.price, "quote_key": write.quote_key}
        item = self._delivery(write, at, pack, opens=write.fulfilment == PICK_UP) | {
            "primitive": "place_order",
            "fulfilment": write.fulfilment,
            "counted": write.counted,
            "limit_count": write.limit_count,
            "limit_since": _iso(write.limit_since),
            "due_at": _iso(write.due_at),
            "terms": dict(write.terms),
            "channel": write.channel,
            "reason": write.reward,
        }
        if write.counted:
            item["shared"] = f"reward:{write.reward}"
        return item | asked, list(asked.values())

    def _settlement(self, write: SettleOrder, at: datetime, pack: int) -> tuple[dict[str, Any], list[Any]]:
        asked = {"order_id": write.order_id, "becomes": write.becomes}
        told = {} if write.told is None else {write.becomes: write.told}
        item = {
            "primitive": "settle_order",
            "order_reason": write.reason,
            "owner": write.owner,
            "doubtful": write.doubtful,
            "rest_until": _iso(write.rest_until),
            "told": self._told(told, at, pack),
            "channel": write.channel,
            "reason": "order",
        }
        return item | asked, list(asked.values())

    def _redemption(self, write: RedeemCode, at: datetime, pack: int) -> tuple[dict[str, Any], list[Any]]:
        form = well_formed(write.gift_code)
        bearer = [] if form is not Form.LONG else self.code_keys.bearer_digests(write.gift_code)
        item = {
            "primitive": "redeem_code",
            "bound_digests": [one.hex() for one in self.code_keys.bound_digests(write.member_id, write.gift_code)],
            "bearer_digests": [one.hex() for one in bearer],
            "malformed": form is Form.MALFORMED,
            "number_range": write.number_range,
            "channel": write.channel,
            "limits": _limits(write),
            "expires": {unit: _iso(expires_at) for unit, expires_at in write.expires_at.items()},
            "zone": write.time_zone,
            "order": self._delivery(write, at, pack, opens=True) | {"channel": write.channel},
        }
        if bearer:
            item["shared"] = f"code:{bearer[0].hex()}"
        return item, [self.number_keys.digest_of(write.gift_code).hex()]

    def _delivery(self, write: PlaceOrder | RedeemCode, at: datetime, pack: int, *, opens: bool) -> dict[str, Any]:
        """How an order's messages are sent, and, where a code may open it at a pick-up point, its candidates."""
        notice = None
        if self.sender is not None:
            notice = {"smsc": self.sender.smsc, "short_number": self.sender.short_number}
        return {
            "told": self._told(write.told, at, pack),
            "notice": notice,
            "handover": self._handover(write.member_id, write.key) if opens else None,
        }

    def _handover(self, member_id: MemberId, key: IdempotencyKey) -> dict[str, Any]:
        """The hand-over codes of which SQL takes one: what each is found by, and its sealed form for the message."""
        secret = self.number_keys.digest_of(f"handover {member_id} {key}")
        candidates = [
            {
                "digests": [one.hex() for one in self.code_keys.handover_digests(handover)],
                "sealed": [
                    self.number_keys.seal(handover.encode(), secret).hex(),
                    self.number_keys.current,
                    secret.hex(),
                ],
            }
            for handover in self.code_keys.handovers(member_id, key)
        ]
        return {"key_version": self.code_keys.current, "candidates": candidates}

    def _told(self, told: Mapping[str, Told], at: datetime, pack: int) -> dict[str, Any]:
        """Messages by the result that sends them. SQL puts the secrets that a text names among its facts."""
        return {
            result: {
                "reply": one.reply,
                "outcome": one.outcome,
                "facts": dict(one.facts),
                "sealed": list(one.sealed),
                "language": one.language,
                "message": message(one.kind, at, pack),
            }
            for result, one in told.items()
        }


def movement(
    write: PlaceHold | CaptureHold | ReleaseHold | Spend | Refund | Reverse | Adjust,
) -> tuple[dict[str, Any], list[Any]]:
    """The plain movements of points; the caller adds what all writes have in common."""
    match write:
        case PlaceHold():
            asked: dict[str, Any] = {"unit": write.unit, "amount": write.amount, "reason": write.reason}
            more: dict[str, Any] = {"primitive": "place_hold", "expires_at": _iso(write.expires_at)}
        case CaptureHold():
            asked = {"hold_id": write.hold_id, "amount": write.amount}
            more = {"primitive": "capture_hold"}
        case ReleaseHold():
            asked = {"hold_id": write.hold_id}
            more = {"primitive": "release_hold"}
        case Spend():
            asked = {"unit": write.unit, "amount": write.amount, "reason": write.reason}
            more = {"primitive": "spend"}
        case Refund():
            asked = {"transfer_id": write.transfer_id, "amount": write.amount, "into_expired": write.into_expired}
            more = {"primitive": "refund", "reason": write.reason, "fresh_until": _iso(write.fresh_until)}
        case Reverse():
            asked = {"transfer_id": write.transfer_id, "amount": write.amount, "claw_back": write.claw_back}
            more = {"primitive": "reverse", "reason": write.reason}
        case Adjust():
            asked = {"unit": write.unit, "amount": write.amount, "reason": write.reason}
            more = {"primitive": "adjust", "expires_at": _iso(write.expires_at)}
        case _:
            assert_never(write)
    return asked | more | {"channel": write.channel}, [more["primitive"], *asked.values()]


def posting(member_id: MemberId, earning: Earning, key: str, channel: str, at: datetime, pack_version_id: int) -> Item:
    """One accrual. A gift that comes once is the same request whenever and for whatever event it is asked for."""
    body = [earning.rule] if earning.once else [earning.rule, earning.unit, earning.amount]
    return {
        "primitive": "post",
        "partner": earning.partner,
        "member_id": member_id,
        "key": key,
        "request_digest": digest(body),
        "unit": earning.unit,
        "amount": earning.amount,
        "expires_at": _iso(earning.expires_at),
        "available_at": _iso(earning.available_at),
        "reason": earning.rule,
        "channel": channel,
        "pack_version_id": pack_version_id,
        "at": at.isoformat(),
    }


def earning_key(prefix: str, earning: Earning) -> str:
    """The key of an accrual: its event's and its rule's, or, of a gift that comes once in a life, the rule's alone."""
    return f"once:{earning.rule}" if earning.once else f"{prefix}:{earning.rule}"


def message(kind: str, at: datetime, pack_version_id: int) -> dict[str, Any]:
    """What `put_message` needs to know of a kind."""
    of_kind = KINDS[kind]
    return {
        "kind": of_kind.name,
        "lane": of_kind.lane.value,
        "when_in_doubt": of_kind.when_in_doubt.value,
        "expires_at": (at + of_kind.lives).isoformat(),
        "pack_version_id": pack_version_id,
    }


def digest(body: list[Any]) -> str:
    """By what a repeat is known: 32 hexadecimal digits."""
    return hashlib.sha256(json.dumps(body).encode()).hexdigest()[:32]


def _limits(write: RedeemCode) -> dict[str, Any]:
    limits = write.limits
    return {
        "wrong_max": limits.wrong_max,
        "wrong_window_s": limits.wrong_window_s,
        "malformed_max": limits.malformed_max,
        "malformed_window_s": limits.malformed_window_s,
        "locks_s": limits.locks_s,
        "breaker_max": limits.breaker_max,
        "breaker_window_s": limits.breaker_window_s,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

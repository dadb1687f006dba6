"""What a verb may ask the store to write: values, each with the key that makes a repeat find its first answer."""

from dataclasses import dataclass

from gateway.ids import IdempotencyKey, MemberId


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """The language in which the programme speaks to a member."""

    member_id: MemberId
    language: str
    key: IdempotencyKey


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """What a member said to advertising: by which channel, and to which version of the words."""

    member_id: MemberId
    given: bool
    channel: str
    wording: str
    key: IdempotencyKey


Write = ChooseLanguage | RecordConsent

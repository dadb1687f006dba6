"""SMS over HTTP: a callback of an SMS gateway as the receiver takes it.

Decides whose a callback is, where several links speak one dialect: it names the link's `smsc` in its query, or there is
one only. A text has its gateway's id for an identity, which is better than SMPP has (decision 0009): it is the same
text for as long as any gateway tries again.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from gateway.callback import Callback
from gateway.errors import BadNumberError, BadRequestError
from gateway.msisdn import Msisdn, canonical
from gateway.smpp.pdu import coding
from gateway.smpp.pdu.coding import DefaultAlphabet
from gateway.sms import content
from gateway.sms.dialects.wire import HttpLinkSettings, Report, Text
from gateway.sms.incoming import Heard, ReceiptHeard, ReceiptIgnored, TextHeard, TextIgnored, is_robot

BINARY = 0x04
"""The data_coding of octets that are no text, as they are kept for a person."""
SMSC = "smsc"
RAW = "raw"
"""The form of an id that is written as it was given."""


def link_of(callback: Callback, links: Sequence[HttpLinkSettings]) -> HttpLinkSettings:
    """Whose account a callback speaks of, among links of its dialect. Raises `BadRequestError`."""
    named = callback.query_octets().get(SMSC, b"").decode("utf-8", "replace")
    found = [link for link in links if link.smsc == named] if named else list(links)
    if not found:
        raise BadRequestError("the field smsc names no link of GATEWAY_SMS that speaks this dialect")
    if len({link.smsc for link in found}) > 1:
        raise BadRequestError(
            "several links speak this dialect: add smsc=, a link's name, to the address that is called"
        )
    return found[0]


def heard(said: Text | Report, link: HttpLinkSettings, our_numbers: AbstractSet[str], region: str) -> Heard:
    """What a callback says. `region` has the numbers that come without a country code, where the link says nothing."""
    region = link.region or region
    return _text(said, link, our_numbers, region) if isinstance(said, Text) else _receipt(said, link, region)


def _text(said: Text, link: HttpLinkSettings, our_numbers: AbstractSet[str], region: str) -> TextHeard | TextIgnored:
    short_number = said.to.strip().removeprefix("+")
    digits = said.sender.strip().removeprefix("+")
    if any(map(str.isalpha, digits)) or is_robot(digits, our_numbers):
        return TextIgnored(link.smsc, "robot", said.sender)
    try:
        msisdn = canonical(said.sender, region)
    except BadNumberError:
        return TextIgnored(link.smsc, "bad_number", said.sender)
    if short_number not in our_numbers:
        return TextIgnored(link.smsc, "not_ours", short_number)
    return TextHeard(link.smsc, msisdn, short_number, f"id {said.id}", _packed(said), is_named=True)


def _packed(said: Text) -> bytes:
    """As SMPP would have brought it."""
    if said.text is None:
        return content.packed(said.octets, BINARY, DefaultAlphabet.GSM7)
    octets = coding.write(said.text, coding.UCS2)
    return content.packed(octets, coding.UCS2, DefaultAlphabet.GSM7)


def _receipt(said: Report, link: HttpLinkSettings, region: str) -> ReceiptHeard | ReceiptIgnored:
    try:
        msisdn: Msisdn = canonical(said.to, region)
    except BadNumberError:
        return ReceiptIgnored("stranger")
    ids = ((RAW, said.message_id),)
    return ReceiptHeard(link.smsc, msisdn, ids, said.state.value, said.state.final, said.error)

"""What the settings of a link to an SMSC choose among, where the choice is by a word."""

from enum import StrEnum


class Concatenation(StrEnum):
    """How the parts of a long text are marked: headers with references of 8 or 16 bits, SAR parameters, or not at all.

    With `payload` the text goes whole, in message_payload, and the SMSC divides it.
    """

    UDH8 = "udh8"
    UDH16 = "udh16"
    SAR = "sar"
    PAYLOAD = "payload"


class UssdDialect(StrEnum):
    """How a USSD gateway at the other end tells sessions apart (`smpp.ussd`)."""

    STANDARD = "standard"
    SIXDEE = "sixdee"
    TATA = "tata"
    MICA = "mica"
    MSISDN = "msisdn"


class UssdCoding(StrEnum):
    """Whose codings a USSD gateway writes into data_coding: those of SMS, 0 and 8, or of cell broadcast, 0x0F and 0x48
    (3GPP TS 23.038, clauses 4 and 5)."""

    SMS = "sms"
    CBS = "cbs"


class Receipts(StrEnum):
    """Of which ends of a message the SMSC tells us (registered_delivery, 5.2.17)."""

    ALL = "all"
    FAILURES = "failures"
    NONE = "none"


class MessageIds(StrEnum):
    """How the ids of submit_sm_resp relate to those of receipts; the first two by the base of submit_sm_resp's."""

    HEX = "hex"  # and receipts write the same number in decimal
    DECIMAL = "decimal"  # and receipts in hex
    SAME = "same"
    LEARNED = "learned"

"""Every command_status, and what it means for the message that got it (5.1.3; SMPP 5.0, 4.7.6).

Decides one verdict for each. Refuses to know retries and back-off, and links whose SMSC means something else by a
status: those override the verdict.
"""

from enum import IntEnum, StrEnum
from typing import Self


class Verdict(StrEnum):
    """What whoever sent the request should do."""

    OK = "ok"
    RETRY = "retry"  # later, the same message
    THROTTLE = "throttle"  # the whole link slower, and the same message again
    MESSAGE_BAD = "message_bad"  # this one never; the next may pass
    DESTINATION_BAD = "destination_bad"  # nothing more to this number
    CONFIGURATION = "configuration"  # none will pass until a person changes a setting


class Status(IntEnum):
    """The statuses by the names of the specification, without their common `ESME_`."""

    verdict: Verdict
    meaning: str

    def __new__(cls, value: int, verdict: Verdict, meaning: str) -> Self:
        member = int.__new__(cls, value)
        member._value_ = value
        member.verdict = verdict
        member.meaning = meaning
        return member

    ROK = 0x00, Verdict.OK, "no error"
    RINVMSGLEN = 0x01, Verdict.MESSAGE_BAD, "message too long, or its length is wrong"
    RINVCMDLEN = 0x02, Verdict.MESSAGE_BAD, "length of the PDU is wrong"
    RINVCMDID = 0x03, Verdict.CONFIGURATION, "operation unknown or not supported"
    RINVBNDSTS = 0x04, Verdict.RETRY, "not bound, or not for this operation"
    # A bind that died without a goodbye is remembered for a while: it passes when the SMSC has forgotten.
    RALYBND = 0x05, Verdict.RETRY, "already bound"
    RINVPRTFLG = 0x06, Verdict.CONFIGURATION, "priority_flag refused"
    RINVREGDLVFLG = 0x07, Verdict.CONFIGURATION, "registered_delivery refused"
    RSYSERR = 0x08, Verdict.RETRY, "system error, all or part of the SMSC is away"
    RINVSRCADR = 0x0A, Verdict.CONFIGURATION, "source address refused"
    RINVDSTADR = 0x0B, Verdict.DESTINATION_BAD, "destination address refused"
    RINVMSGID = 0x0C, Verdict.MESSAGE_BAD, "message id unknown"
    RBINDFAIL = 0x0D, Verdict.CONFIGURATION, "bind refused"
    RINVPASWD = 0x0E, Verdict.CONFIGURATION, "password refused"
    RINVSYSID = 0x0F, Verdict.CONFIGURATION, "system_id refused"
    RCANCELFAIL = 0x11, Verdict.MESSAGE_BAD, "cancel_sm failed"
    RREPLACEFAIL = 0x13, Verdict.MESSAGE_BAD, "replace_sm failed"
    RMSGQFUL = 0x14, Verdict.RETRY, "queue full, for this destination or for all"
    RINVSERTYP = 0x15, Verdict.CONFIGURATION, "service_type refused"
    RINVNUMDESTS = 0x33, Verdict.MESSAGE_BAD, "number of destinations is wrong"
    RINVDLNAME = 0x34, Verdict.MESSAGE_BAD, "distribution list unknown"
    RINVDESTFLAG = 0x40, Verdict.MESSAGE_BAD, "dest_flag is wrong"
    RINVSUBREP = 0x42, Verdict.CONFIGURATION, "replacing on submission refused"
    RINVESMCLASS = 0x43, Verdict.CONFIGURATION, "esm_class refused"
    RCNTSUBDL = 0x44, Verdict.MESSAGE_BAD, "distribution lists refused"
    RSUBMITFAIL = 0x45, Verdict.RETRY, "submission failed, no reason given"
    RINVSRCTON = 0x48, Verdict.CONFIGURATION, "TON of the source refused"
    RINVSRCNPI = 0x49, Verdict.CONFIGURATION, "NPI of the source refused"
    RINVDSTTON = 0x50, Verdict.CONFIGURATION, "TON of the destination refused"
    RINVDSTNPI = 0x51, Verdict.CONFIGURATION, "NPI of the destination refused"
    RINVSYSTYP = 0x53, Verdict.CONFIGURATION, "system_type refused"
    RINVREPFLAG = 0x54, Verdict.CONFIGURATION, "replace_if_present refused"
    RINVNUMMSGS = 0x55, Verdict.MESSAGE_BAD, "number of messages is wrong"
    RTHROTTLED = 0x58, Verdict.THROTTLE, "faster than this account may"
    RINVSCHED = 0x61, Verdict.CONFIGURATION, "schedule_delivery_time refused"
    RINVEXPIRY = 0x62, Verdict.CONFIGURATION, "validity_period refused"
    RINVDFTMSGID = 0x63, Verdict.CONFIGURATION, "no such predefined message"
    RX_T_APPN = 0x64, Verdict.RETRY, "receiver cannot now: send this one again later"
    # 5.0 is explicit: "and all other messages queued to the same destination". Never the answer to one bad message.
    RX_P_APPN = 0x65, Verdict.DESTINATION_BAD, "receiver cannot: nothing more to this destination"
    RX_R_APPN = 0x66, Verdict.MESSAGE_BAD, "receiver rejects this one message"
    RQUERYFAIL = 0x67, Verdict.RETRY, "query_sm failed"
    RINVOPTPARSTREAM = 0xC0, Verdict.MESSAGE_BAD, "optional parameters are torn"
    ROPTPARNOTALLWD = 0xC1, Verdict.CONFIGURATION, "an optional parameter is not allowed"
    RINVPARLEN = 0xC2, Verdict.MESSAGE_BAD, "length of a parameter is wrong"
    RMISSINGOPTPARAM = 0xC3, Verdict.MESSAGE_BAD, "an optional parameter is missing"
    RINVOPTPARAMVAL = 0xC4, Verdict.MESSAGE_BAD, "value of an optional parameter is wrong"
    RDELIVERYFAILURE = 0xFE, Verdict.RETRY, "delivery failed"
    RUNKNOWNERR = 0xFF, Verdict.RETRY, "unknown error"
    RSERTYPUNAUTH = 0x100, Verdict.CONFIGURATION, "service_type not for this account"
    RPROHIBITED = 0x101, Verdict.CONFIGURATION, "operation not for this account"
    RSERTYPUNAVAIL = 0x102, Verdict.RETRY, "service_type is away at the moment"
    RSERTYPDENIED = 0x103, Verdict.MESSAGE_BAD, "content does not suit the service_type"
    RINVDCS = 0x104, Verdict.CONFIGURATION, "data_coding refused"
    RINVSRCADDRSUBUNIT = 0x105, Verdict.CONFIGURATION, "source_addr_subunit refused"
    RINVDSTADDRSUBUNIT = 0x106, Verdict.CONFIGURATION, "dest_addr_subunit refused"
    RINVBCASTFREQINT = 0x107, Verdict.MESSAGE_BAD, "broadcast_frequency_interval refused"
    RINVBCASTALIAS_NAME = 0x108, Verdict.MESSAGE_BAD, "alias of a broadcast area refused"
    RINVBCASTAREAFMT = 0x109, Verdict.MESSAGE_BAD, "format of a broadcast area refused"
    RINVNUMBCAST_AREAS = 0x10A, Verdict.MESSAGE_BAD, "number of broadcast areas is wrong"
    RINVBCASTCNTTYPE = 0x10B, Verdict.MESSAGE_BAD, "broadcast_content_type refused"
    RINVBCASTMSGCLASS = 0x10C, Verdict.MESSAGE_BAD, "class of a broadcast refused"
    RBCASTFAIL = 0x10D, Verdict.MESSAGE_BAD, "broadcast_sm failed"
    RBCASTQUERYFAIL = 0x10E, Verdict.MESSAGE_BAD, "query_broadcast_sm failed"
    RBCASTCANCELFAIL = 0x10F, Verdict.MESSAGE_BAD, "cancel_broadcast_sm failed"
    RINVBCAST_REP = 0x110, Verdict.MESSAGE_BAD, "number of repeated broadcasts is wrong"
    RINVBCASTSRVGRP = 0x111, Verdict.MESSAGE_BAD, "broadcast service group refused"
    RINVBCASTCHANIND = 0x112, Verdict.MESSAGE_BAD, "broadcast channel refused"


_BY_VALUE = {status.value: status for status in Status}


def verdict(status: int) -> Verdict:
    """What a status means, also one that no specification has.

    An unknown one (vendors own 0x400 to 0x4FF) is worth another try: a message has a lifetime that ends the trying,
    and one given up too early is lost.
    """
    known = _BY_VALUE.get(status)
    return known.verdict if known is not None else Verdict.RETRY


def described(status: int) -> str:
    """For logs and people: `0x58 RTHROTTLED: faster than this account may`."""
    known = _BY_VALUE.get(status)
    return f"0x{status:02X} {known.name}: {known.meaning}" if known is not None else f"0x{status:02X}, not standard"

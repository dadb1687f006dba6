"""The bodies of PDUs, as they are read (section 4). Requests raise `PduError` or `IndexError`; responses never do.

An `IndexError` here means that the PDU ended before its fields did; `codec` says so to the peer. Handing octets over
by position instead of through a cursor object is what makes one core read a few hundred thousand a second.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from gateway.smpp.pdu import fields, tlv
from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.fields import Text
from gateway.smpp.pdu.messages import (
    RESPONSE,
    AlertNotification,
    Bind,
    BindMode,
    BindResp,
    CancelSm,
    CommandId,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    MessageResp,
    Outbind,
    PlainResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    Request,
    Response,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.status import Status
from gateway.smpp.pdu.tlv import Tlvs

Sm = TypeVar("Sm", SubmitSm, DeliverSm)
Resp = TypeVar("Resp", bound=MessageResp)

SM_LENGTH_FORBIDDEN = 255


def _message(kind: type[Sm], data: bytes, at: int, sequence: int) -> Sm:
    service_type, at = fields.read(data, at, Text.SERVICE_TYPE)
    source, at = fields.read_address(data, at, Text.SOURCE)
    destination, at = fields.read_address(data, at, Text.DESTINATION)
    esm_class, protocol_id, priority_flag = data[at], data[at + 1], data[at + 2]
    schedule_delivery_time, at = fields.read(data, at + 3, Text.SCHEDULE)
    validity_period, at = fields.read(data, at, Text.VALIDITY)
    registered_delivery, replace_if_present = data[at], data[at + 1]
    data_coding, sm_default_msg_id = data[at + 2], data[at + 3]
    short_message, at = _short_message(data, at + 4)
    return kind(
        sequence,
        source,
        destination,
        short_message,
        data_coding,
        esm_class,
        registered_delivery,
        service_type,
        protocol_id,
        priority_flag,
        schedule_delivery_time,
        validity_period,
        replace_if_present,
        sm_default_msg_id,
        tlv.read(data, at) if at < len(data) else (),
    )


def _short_message(data: bytes, at: int) -> tuple[bytes, int]:
    """sm_length and the octets that it counts (5.2.21, 5.2.22)."""
    length = data[at]
    after = at + 1 + length
    if after > len(data) or length == SM_LENGTH_FORBIDDEN:
        raise PduError("sm_length is 255, or more than what follows", Status.RINVMSGLEN)
    return data[at + 1 : after], after


def _data_sm(data: bytes, at: int, sequence: int) -> DataSm:
    service_type, at = fields.read(data, at, Text.SERVICE_TYPE)
    source, at = fields.read_address(data, at, Text.LONG_SOURCE)
    destination, at = fields.read_address(data, at, Text.LONG_DESTINATION)
    return DataSm(
        sequence,
        source,
        destination,
        esm_class=data[at],
        registered_delivery=data[at + 1],
        data_coding=data[at + 2],
        service_type=service_type,
        tlvs=tlv.read(data, at + 3),
    )


def _bind(mode: BindMode, data: bytes, at: int, sequence: int) -> Bind:
    system_id, at = fields.read(data, at, Text.SYSTEM_ID)
    password, at = fields.read(data, at, Text.PASSWORD)
    system_type, at = fields.read(data, at, Text.SYSTEM_TYPE)
    version = data[at]
    address_range, _ = fields.read_address(data, at + 1, Text.ADDRESS_RANGE)
    return Bind(sequence, mode, system_id, password, system_type, version, address_range)


def _outbind(data: bytes, at: int, sequence: int) -> Outbind:
    system_id, at = fields.read(data, at, Text.SYSTEM_ID)
    password, _ = fields.read(data, at, Text.PASSWORD)
    return Outbind(sequence, system_id, password)


def _query_sm(data: bytes, at: int, sequence: int) -> QuerySm:
    message_id, at = fields.read(data, at, Text.MESSAGE_ID)
    source, _ = fields.read_address(data, at, Text.SOURCE)
    return QuerySm(sequence, message_id, source)


def _cancel_sm(data: bytes, at: int, sequence: int) -> CancelSm:
    service_type, at = fields.read(data, at, Text.SERVICE_TYPE)
    message_id, at = fields.read(data, at, Text.MESSAGE_ID)
    source, at = fields.read_address(data, at, Text.SOURCE)
    destination, _ = fields.read_address(data, at, Text.DESTINATION)
    return CancelSm(sequence, message_id, source, destination, service_type)


def _replace_sm(data: bytes, at: int, sequence: int) -> ReplaceSm:
    message_id, at = fields.read(data, at, Text.MESSAGE_ID)
    source, at = fields.read_address(data, at, Text.SOURCE)
    schedule_delivery_time, at = fields.read(data, at, Text.SCHEDULE)
    validity_period, at = fields.read(data, at, Text.VALIDITY)
    registered_delivery, sm_default_msg_id = data[at], data[at + 1]
    short_message, _ = _short_message(data, at + 2)
    return ReplaceSm(
        sequence,
        message_id,
        source,
        short_message,
        schedule_delivery_time,
        validity_period,
        registered_delivery,
        sm_default_msg_id,
    )


def _alert_notification(data: bytes, at: int, sequence: int) -> AlertNotification:
    source, at = fields.read_address(data, at, Text.LONG_SOURCE)
    esme, at = fields.read_address(data, at, Text.LONG_DESTINATION)
    return AlertNotification(sequence, source, esme, tlv.read(data, at))


def _unbind(data: bytes, at: int, sequence: int) -> Unbind:
    return Unbind(sequence)


def _enquire_link(data: bytes, at: int, sequence: int) -> EnquireLink:
    return EnquireLink(sequence)


def _bind_resp(mode: BindMode, data: bytes, at: int, sequence: int, status: int) -> BindResp:
    system_id, tlvs = _loose(data, at, Text.SYSTEM_ID)
    return BindResp(sequence, mode, status, system_id, tlvs)


def _message_resp(kind: type[Resp], data: bytes, at: int, sequence: int, status: int) -> Resp:
    message_id, tlvs = _loose(data, at, Text.MESSAGE_ID)
    return kind(sequence, status, message_id, tlvs)


def _query_resp(data: bytes, at: int, sequence: int, status: int) -> QuerySmResp:
    try:
        message_id, at = fields.read(data, at, Text.MESSAGE_ID)
        final_date, at = fields.read(data, at, Text.FINAL_DATE)
        return QuerySmResp(sequence, status, message_id, final_date, data[at], data[at + 1])
    except (PduError, IndexError):
        return QuerySmResp(sequence, status)


def _plain_resp(command: CommandId, data: bytes, at: int, sequence: int, status: int) -> PlainResp:
    return PlainResp(sequence, command, status)


def _generic_nack(data: bytes, at: int, sequence: int, status: int) -> GenericNack:
    return GenericNack(sequence, status)


def _loose(data: bytes, at: int, text: Text) -> tuple[str, Tlvs]:
    """The one string of a response and its parameters, each empty when it is not there or not readable."""
    found = ""
    try:
        if at < len(data):
            found, at = fields.read(data, at, text)
        return found, tlv.read(data, at)
    except PduError:
        return found, ()


REQUESTS: Mapping[int, Callable[[bytes, int, int], Request]] = {
    CommandId.SUBMIT_SM: partial(_message, SubmitSm),
    CommandId.DELIVER_SM: partial(_message, DeliverSm),
    CommandId.DATA_SM: _data_sm,
    CommandId.QUERY_SM: _query_sm,
    CommandId.CANCEL_SM: _cancel_sm,
    CommandId.REPLACE_SM: _replace_sm,
    CommandId.OUTBIND: _outbind,
    CommandId.UNBIND: _unbind,
    CommandId.ENQUIRE_LINK: _enquire_link,
    CommandId.ALERT_NOTIFICATION: _alert_notification,
    **{mode: partial(_bind, mode) for mode in BindMode},
}
"""By command_id: reads the body from a position, for a sequence."""

RESPONSES: Mapping[int, Callable[[bytes, int, int, int], Response]] = {
    RESPONSE | CommandId.SUBMIT_SM: partial(_message_resp, SubmitSmResp),
    RESPONSE | CommandId.DELIVER_SM: partial(_message_resp, DeliverSmResp),
    RESPONSE | CommandId.DATA_SM: partial(_message_resp, DataSmResp),
    RESPONSE | CommandId.QUERY_SM: _query_resp,
    CommandId.GENERIC_NACK: _generic_nack,
    **{RESPONSE | mode: partial(_bind_resp, mode) for mode in BindMode},
    **{
        RESPONSE | command: partial(_plain_resp, command)
        for command in (CommandId.UNBIND, CommandId.ENQUIRE_LINK, CommandId.CANCEL_SM, CommandId.REPLACE_SM)
    },
}
"""By command_id: reads the body from a position, for a sequence and a status."""

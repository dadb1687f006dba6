"""The bodies of PDUs, as they are written (section 4). Strict: what does not fit is a bug of ours, a `ValueError`."""

from typing import assert_never

from gateway.smpp.pdu import fields, tlv
from gateway.smpp.pdu.fields import Text
from gateway.smpp.pdu.messages import (
    RESPONSE,
    AlertNotification,
    Bind,
    BindResp,
    CancelSm,
    CommandId,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Outbind,
    Pdu,
    PlainResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ShortMessage,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from gateway.smpp.pdu.tlv import Tag

SHORT_MESSAGE_BYTES_MAX = 254
"""sm_length may not be 255 (5.2.21); what is longer goes into message_payload."""


def parts(pdu: Pdu) -> tuple[int, int, bytes]:  # noqa: C901 - one line a PDU; a table keyed by type cannot be typed
    """command_id, command_status and body of a PDU; the frequent ones stand first."""
    match pdu:
        case DeliverSm():
            return CommandId.DELIVER_SM, 0, _message_body(pdu)
        case SubmitSm():
            return CommandId.SUBMIT_SM, 0, _message_body(pdu)
        case DeliverSmResp():
            # One NUL always (4.6.2): it is an id that is not used.
            return RESPONSE | CommandId.DELIVER_SM, pdu.status, _id(pdu.message_id) + tlv.write(pdu.tlvs)
        case SubmitSmResp():
            # "PDU Body is not returned if the command_status field contains a non-zero value" (4.4.2).
            body = b"" if pdu.status else _id(pdu.message_id) + tlv.write(pdu.tlvs)
            return RESPONSE | CommandId.SUBMIT_SM, pdu.status, body
        case DataSmResp():
            return RESPONSE | CommandId.DATA_SM, pdu.status, _id(pdu.message_id) + tlv.write(pdu.tlvs)
        case EnquireLink():
            return CommandId.ENQUIRE_LINK, 0, b""
        case PlainResp():
            return RESPONSE | pdu.command, pdu.status, b""
        case GenericNack():
            return CommandId.GENERIC_NACK, pdu.status, b""
        case Unbind():
            return CommandId.UNBIND, 0, b""
        case Bind():
            return pdu.mode, 0, _bind_body(pdu)
        case BindResp():
            body = b"" if pdu.status else fields.write(pdu.system_id, Text.SYSTEM_ID) + tlv.write(pdu.tlvs)
            return RESPONSE | pdu.mode, pdu.status, body
        case DataSm():
            return CommandId.DATA_SM, 0, _data_body(pdu)
        case QuerySm():
            body = _id(pdu.message_id) + fields.write_address(pdu.source, Text.SOURCE)
            return CommandId.QUERY_SM, 0, body
        case QuerySmResp():
            return RESPONSE | CommandId.QUERY_SM, pdu.status, b"" if pdu.status else _query_resp_body(pdu)
        case CancelSm():
            return CommandId.CANCEL_SM, 0, _cancel_body(pdu)
        case ReplaceSm():
            return CommandId.REPLACE_SM, 0, _replace_body(pdu)
        case Outbind():
            body = fields.write(pdu.system_id, Text.SYSTEM_ID) + fields.write(pdu.password, Text.PASSWORD)
            return CommandId.OUTBIND, 0, body
        case AlertNotification():
            body = fields.write_address(pdu.source, Text.LONG_SOURCE)
            body += fields.write_address(pdu.esme, Text.LONG_DESTINATION)
            return CommandId.ALERT_NOTIFICATION, 0, body + tlv.write(pdu.tlvs)
        case _:
            assert_never(pdu)


def _message_body(pdu: ShortMessage) -> bytes:
    if pdu.short_message and tlv.octets(pdu.tlvs, Tag.MESSAGE_PAYLOAD) is not None:
        raise ValueError("a message has short_message or message_payload, never both")
    return b"".join(
        (
            fields.write(pdu.service_type, Text.SERVICE_TYPE),
            fields.write_address(pdu.source, Text.SOURCE),
            fields.write_address(pdu.destination, Text.DESTINATION),
            _octets(pdu.esm_class, pdu.protocol_id, pdu.priority_flag),
            fields.write(pdu.schedule_delivery_time, Text.SCHEDULE),
            fields.write(pdu.validity_period, Text.VALIDITY),
            _octets(pdu.registered_delivery, pdu.replace_if_present, pdu.data_coding, pdu.sm_default_msg_id),
            _short_message(pdu.short_message),
            tlv.write(pdu.tlvs),
        )
    )


def _data_body(pdu: DataSm) -> bytes:
    return b"".join(
        (
            fields.write(pdu.service_type, Text.SERVICE_TYPE),
            fields.write_address(pdu.source, Text.LONG_SOURCE),
            fields.write_address(pdu.destination, Text.LONG_DESTINATION),
            _octets(pdu.esm_class, pdu.registered_delivery, pdu.data_coding),
            tlv.write(pdu.tlvs),
        )
    )


def _replace_body(pdu: ReplaceSm) -> bytes:
    return b"".join(
        (
            _id(pdu.message_id),
            fields.write_address(pdu.source, Text.SOURCE),
            fields.write(pdu.schedule_delivery_time, Text.SCHEDULE),
            fields.write(pdu.validity_period, Text.VALIDITY),
            _octets(pdu.registered_delivery, pdu.sm_default_msg_id),
            _short_message(pdu.short_message),
        )
    )


def _cancel_body(pdu: CancelSm) -> bytes:
    return b"".join(
        (
            fields.write(pdu.service_type, Text.SERVICE_TYPE),
            _id(pdu.message_id),
            fields.write_address(pdu.source, Text.SOURCE),
            fields.write_address(pdu.destination, Text.DESTINATION),
        )
    )


def _bind_body(pdu: Bind) -> bytes:
    return b"".join(
        (
            fields.write(pdu.system_id, Text.SYSTEM_ID),
            fields.write(pdu.password, Text.PASSWORD),
            fields.write(pdu.system_type, Text.SYSTEM_TYPE),
            _octets(pdu.interface_version),
            fields.write_address(pdu.address_range, Text.ADDRESS_RANGE),
        )
    )


def _query_resp_body(pdu: QuerySmResp) -> bytes:
    dated = _id(pdu.message_id) + fields.write(pdu.final_date, Text.FINAL_DATE)
    return dated + _octets(pdu.message_state, pdu.error_code)


def _short_message(octets: bytes) -> bytes:
    if len(octets) > SHORT_MESSAGE_BYTES_MAX:
        raise ValueError(f"short_message takes at most {SHORT_MESSAGE_BYTES_MAX} octets: use message_payload")
    return bytes((len(octets),)) + octets


def _id(message_id: str) -> bytes:
    return fields.write(message_id, Text.MESSAGE_ID)


def _octets(*values: int) -> bytes:
    """Fields of one octet each; `bytes` refuses any other value."""
    return bytes(values)

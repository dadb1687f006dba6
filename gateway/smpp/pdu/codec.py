"""One PDU from octets, and to octets (3.2): the header, and what to answer when the rest cannot be read.

Reading a *request* raises `PduError` with the status that its answer should carry. Reading a *response* raises only
for a command that nobody knows: whoever sent it cannot be told, so what cannot be read of it is left empty. A
submit_sm_resp with status 0 and a torn body still says that the message was taken.
"""

from struct import Struct

from gateway.smpp.pdu import readers, writers
from gateway.smpp.pdu.errors import PduError
from gateway.smpp.pdu.messages import (
    RESPONSE,
    BindMode,
    BindResp,
    CommandId,
    DataSmResp,
    DeliverSmResp,
    GenericNack,
    Pdu,
    PlainResp,
    QuerySmResp,
    Response,
    SubmitSmResp,
)
from gateway.smpp.pdu.status import Status

HEADER_BYTES = 16

_HEADER = Struct(">IIII")


def decode(data: bytes) -> Pdu:
    """The PDU that these octets are, all of them: `framing` has cut the stream. Raises `PduError`."""
    if len(data) < HEADER_BYTES:
        raise PduError("a PDU has at least 16 octets", Status.RINVCMDLEN)
    length, command_id, status, sequence = _HEADER.unpack_from(data)
    if length != len(data):
        raise PduError("command_length differs from the octets that came", Status.RINVCMDLEN, command_id, sequence)
    if command_id & RESPONSE:
        return _response(data, command_id, sequence, status)
    reader = readers.REQUESTS.get(command_id)
    if reader is None:
        raise PduError(f"command 0x{command_id:08X} is not known", Status.RINVCMDID, command_id, sequence)
    try:
        return reader(data, HEADER_BYTES, sequence)
    except PduError as error:
        raise PduError(error.what, error.status, command_id, sequence) from None
    except IndexError:
        raise PduError("the PDU ends before its fields do", Status.RINVCMDLEN, command_id, sequence) from None


def _response(data: bytes, command_id: int, sequence: int, status: int) -> Response:
    reader = readers.RESPONSES.get(command_id)
    if reader is None:
        raise PduError(f"response 0x{command_id:08X} is not known", Status.RINVCMDID, command_id, sequence)
    return reader(data, HEADER_BYTES, sequence, status)


def encode(pdu: Pdu, sequence: int | None = None) -> bytes:
    """The octets of a PDU, under its own sequence or another. Raises `ValueError` for a field that its place cannot
    hold."""
    command_id, status, body = writers.parts(pdu)
    number = pdu.sequence if sequence is None else sequence
    if not 0 <= number <= 0xFFFF_FFFF:
        raise ValueError(f"sequence_number is four octets, not {number}")
    return _HEADER.pack(HEADER_BYTES + len(body), command_id, status, number) + body


def refusal(error: PduError) -> Response | None:
    """The answer to what could not be read, or None: a response is never answered.

    A known request gets its own response; anything else a generic_nack, with sequence 0 where framing was lost (4.3).
    """
    command_id, status, sequence = error.command_id, error.status, error.sequence
    if command_id & RESPONSE:
        return None
    match command_id:
        case CommandId.BIND_RECEIVER | CommandId.BIND_TRANSMITTER | CommandId.BIND_TRANSCEIVER:
            return BindResp(sequence, BindMode(command_id), status)
        case CommandId.SUBMIT_SM:
            return SubmitSmResp(sequence, status)
        case CommandId.DELIVER_SM:
            return DeliverSmResp(sequence, status)
        case CommandId.DATA_SM:
            return DataSmResp(sequence, status)
        case CommandId.QUERY_SM:
            return QuerySmResp(sequence, status)
        case CommandId.CANCEL_SM | CommandId.REPLACE_SM | CommandId.UNBIND:
            return PlainResp(sequence, CommandId(command_id), status)
        case _:
            return GenericNack(sequence, status)

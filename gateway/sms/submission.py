"""One message as the PDUs that carry it: which parts, from whom, to whom, how long it is worth having.

Decides what each submit_sm says. Refuses to know when it is sent and what became of it.
"""

from datetime import datetime, timedelta

from gateway.smpp import parts
from gateway.smpp.pdu.messages import SubmitSm
from gateway.smpp.settings import LinkSettings
from gateway.sms.ports import Message

VALIDITY_MIN = timedelta(minutes=1)
"""Shorter is refused by some SMSCs, and expires on its way in others."""
VALIDITY_MAX = timedelta(days=63)  # of TP-VP, 3GPP TS 23.040, 9.2.3.12.1


def submissions(message: Message, text: str, link: LinkSettings, at: datetime) -> tuple[SubmitSm, ...]:
    """Every part in its order, with sequence 0: the session numbers them. The same message gives the same parts, so
    those that were taken need not be sent again. The reference of a long text is the message's own number."""
    source, destination = link.source(message.short_number), link.destination(message.msisdn)
    return tuple(
        SubmitSm(
            0,
            source,
            destination,
            short_message=content.short_message,
            data_coding=content.data_coding,
            esm_class=content.esm_class,
            registered_delivery=link.registered_delivery if message.kind.wants_receipt else 0,
            service_type=link.service_type,
            protocol_id=link.protocol_id,
            priority_flag=link.priority_flag,
            validity_period=relative(message.expires_at - at) if link.validity else "",
            tlvs=content.tlvs,
        )
        for content in parts.divide(text, link, message.message_id)
    )


def relative(validity: timedelta) -> str:
    """A time from now, as SMPP writes it (7.1.1.2). Worked example: ten minutes are `000000001000000R`."""
    seconds = int(min(max(validity, VALIDITY_MIN), VALIDITY_MAX).total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    months, days = divmod(days, 30)  # the SMSC counts months by its calendar; a day more or less is nothing here
    return f"00{months:02d}{days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R"

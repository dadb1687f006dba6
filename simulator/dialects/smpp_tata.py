"""Tata's USSD gateway over SMPP: every screen is a USSR request, and the last bit of its_session_info the end."""

from gateway.smpp.pdu.messages import UssdOp
from simulator.over_smpp import Manner, SaidIn, SmppDialect

DIALECT = SmppDialect(
    "smpp_tata",
    Manner(
        session_bits=8,
        session_shift=8,
        said_in=SaidIn.DESTINATION,
        aborts=UssdOp.USSR_CONFIRM,
        ends_by_bit=True,
        cbs=True,
    ),
)

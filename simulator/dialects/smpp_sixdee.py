"""6D's USSD gateway over SMPP: 15 bits of session and one of end; a subscriber who leaves is operation 0x81."""

from gateway.smpp.pdu.messages import UssdOp
from simulator.over_smpp import Manner, SmppDialect

DIALECT = SmppDialect("smpp_sixdee", Manner(session_bits=15, session_shift=1, aborts=UssdOp.ABORT))

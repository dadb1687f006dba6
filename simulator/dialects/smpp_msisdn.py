"""A USSD gateway over SMPP that names no session: a number has one at a time."""

from simulator.over_smpp import Manner, SmppDialect

DIALECT = SmppDialect("smpp_msisdn", Manner(session_bits=0, cbs=True))

"""Mica's USSD gateway over SMPP: user_message_reference has the session."""

from simulator.over_smpp import Manner, SmppDialect

DIALECT = SmppDialect("smpp_mica", Manner(session_bits=16, by_reference=True))

"""A USSD gateway over SMPP that goes by the specification: its_session_info has the session, and counts its units."""

from simulator.over_smpp import Manner, SaidIn, SmppDialect

DIALECT = SmppDialect("smpp_standard", Manner(session_bits=8, session_shift=8, counts_units=True, said_in=SaidIn.BOTH))

"""SMPP 3.4 PDUs as values: `framing` cuts a stream into PDUs, `codec` reads and writes one, `messages` are the values.

Reading is tolerant as networks require, and raises nothing but `PduError`, which names the answer to send. Writing
is strict: a field that does not fit is a bug of ours and a `ValueError`. Nothing here knows sessions, sockets or time.

Section numbers are those of SMPP 3.4, Issue 1.2, unless 5.0 is named.
"""

"""An SMSC to test against: real TCP, real receipts, and faults on command.

`session` is one connection's protocol, `centre` what the SMSC does with messages; neither knows sockets, and time is
their argument. `server` gives them a port, `control` an HTTP face.
"""

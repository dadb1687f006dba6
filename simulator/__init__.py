"""The simulator: a handset, a USSD gateway's side of the wire, and dialogues that play by themselves.

It knows the product only from outside, as an operator's network does. From `gateway` it imports text rules and
message types alone; `gateway` never imports it.
"""

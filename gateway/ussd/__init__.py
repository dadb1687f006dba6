"""USSD: a gateway's dialect in, one conversation, the same dialect out."""

"""What lives in Redis or Valkey: USSD sessions. It may be lost without losing a point."""

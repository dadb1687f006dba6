"""What is seen from outside: one log line an event, metrics, health."""

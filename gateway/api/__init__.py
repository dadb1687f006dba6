"""The HTTP API, beside the USSD callbacks: events in, the back office, health, metrics, the demo clock."""

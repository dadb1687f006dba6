"""The HTTP API, beside the USSD callbacks: events in, health, metrics, documentation, the demo clock."""

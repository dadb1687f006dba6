"""A USSD and SMS gateway for loyalty programmes. `docs/architecture.md` draws the path of a hop."""

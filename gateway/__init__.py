"""A USSD and SMS gateway for loyalty programmes. README.md draws the path of a hop."""

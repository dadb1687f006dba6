"""The conversation by SMS: what a text means, what is answered, and how the answer gets to the phone."""

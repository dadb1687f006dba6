"""What a text weighs on the air. Decides encodings and sizes; refuses to know screens, menus and messages."""

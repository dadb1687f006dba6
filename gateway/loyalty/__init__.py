"""The programme: what it is (`programme`), what it gives (`rules`), and how it is asked (`service`)."""

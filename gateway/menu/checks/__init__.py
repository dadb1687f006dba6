"""What is proved of a menu before it serves: each module takes a document and returns findings."""

"""What is proved of keywords and their answers, one subject in each module."""

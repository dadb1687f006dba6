"""What the counts of screens come to, for people and for programs."""

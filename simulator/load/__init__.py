"""`simulator load`: many subscribers at a stated rate against any gateway, each of whose replies is checked."""

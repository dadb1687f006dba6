"""`make bench`: what a hop costs, beside a floor and beside the idiomatic stack, from one run."""

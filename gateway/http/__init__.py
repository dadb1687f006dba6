"""What every HTTP edge shares: bodies with limits, proofs of callers, problem details."""

"""What the clock drives: deliveries, expiry and the resolving of pending outcomes, one chore each."""

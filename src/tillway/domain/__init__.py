"""The business itself: values, machines and decisions, with no I/O, clock, randomness or framework."""

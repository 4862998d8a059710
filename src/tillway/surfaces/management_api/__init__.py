"""The management API: what an operator's own systems may set and read."""

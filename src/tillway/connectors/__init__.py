"""The outside that moves money: one protocol, and one connector for each party that speaks it."""

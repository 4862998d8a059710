"""The demo shop against a gateway that says whatever a test wants."""

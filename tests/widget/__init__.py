"""The widget and its frame, each against a stage where the other side says whatever a test wants."""

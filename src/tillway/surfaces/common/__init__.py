"""What the surfaces share: the declarative API layer, page rendering, logs, metrics and their guards."""

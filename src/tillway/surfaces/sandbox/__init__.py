"""The sandbox: the gift-card generator and a clock to push, never present in production."""

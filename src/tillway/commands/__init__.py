"""What can be asked of the gateway: each command says what it needs, decides, and lets the committer save."""

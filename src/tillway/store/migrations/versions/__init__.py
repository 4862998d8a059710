"""The migrations, oldest first; each is written by hand and never changed after a release."""

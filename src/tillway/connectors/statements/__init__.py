"""Bank statements as files: camt.053, MT940 and CSV, each read as it streams by into the same values."""

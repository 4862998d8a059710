"""Tillway: a self-hosted payment gateway, three documented APIs over one ledger."""

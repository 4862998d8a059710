"""Campaigns against the real server: it is killed under load, again and again, and must never lose or double money."""

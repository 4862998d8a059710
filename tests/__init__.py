"""The proof: every test of the gateway, from pure decisions to real processes under real load."""

"""Where requests come in: one folder for each API dialect or site, holding its wire format and nothing else."""

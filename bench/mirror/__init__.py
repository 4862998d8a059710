"""The product's own commands written down: as scripts for pgbench, and as rows for a fast loader."""

"""Benchmarks: the gateway as it is served, beside what its disk and its database can do."""

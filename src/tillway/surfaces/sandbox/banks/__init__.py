"""The pretend banks of the sandbox: they speak the Berlin Group framework to gateways, and have pages."""

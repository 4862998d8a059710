"""The demo shop: a web shop on an origin of its own that takes payments as any integrator would, and shows how."""

"""What drives a gateway over HTTP: ready-made requests, sent as fast as they are answered or at a steady rate."""

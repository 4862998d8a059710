"""The pretend acquirer as a neighbour of the sandbox: the protocol that the gateway speaks, and pages for payers."""

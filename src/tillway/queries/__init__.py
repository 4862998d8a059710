"""What can be read from the gateway: answers made from committed rows, changing nothing."""

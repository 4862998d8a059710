"""What every surface shares: endpoint tables, JSON, paging, limits and the pieces of authentication."""

"""Reports of reconnect parts."""

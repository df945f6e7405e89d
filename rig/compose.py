"""Puts the parts together for the commands: a radio by its moniker, on the right event loop."""

"""The race process: executes what the show machine decides, on any radio."""

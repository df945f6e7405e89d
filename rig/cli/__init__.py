"""The click commands: the composition root."""

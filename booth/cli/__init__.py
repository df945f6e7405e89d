"""The commands under `pitboard booth`."""

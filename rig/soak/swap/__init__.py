"""Swap handling as the thing under test: two sets take turns, again and again, while a nemesis interferes."""

"""Soak plans, the pure soak machines, the runner and its verdicts."""

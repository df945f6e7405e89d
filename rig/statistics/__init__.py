"""Statistics of a soak report: pure functions over values, on scipy where it has them.

Survival of batteries, differences between nights, change points and drift over nights, flakiness, and which part
of the bench is to blame. What each agrees with is stored as numbers in fixtures/statistics.
"""

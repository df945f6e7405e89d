"""Bench fixtures on serial ports: what they can do, their drivers, their simulated twins.

The one package that imports pyserial. docs/bench.md describes it for those who wire a bench.
"""

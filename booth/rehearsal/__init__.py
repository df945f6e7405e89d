"""A whole show day on the simulated world in virtual time."""

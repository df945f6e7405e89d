"""The show as one pure machine over race, seats and floor; what may be asked of it and what screens see of it."""

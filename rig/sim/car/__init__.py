"""One simulated car: body, battery and firmware, pure."""

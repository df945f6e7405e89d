"""What leaves the booth: lead exports and the day report."""

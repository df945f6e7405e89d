"""What runs say together: trends over nights, one run against another, and what changed on the bench between."""

"""The battery-life soak: drive until flat, find out why it ended, charge back, and keep it as survival data."""

"""The one log of what happened at the show: hash-chained, free of personal data."""

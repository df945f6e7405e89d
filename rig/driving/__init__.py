"""Sessions with cars, laps, track maps and transcripts."""

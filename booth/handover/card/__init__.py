"""The two-minute teaching card: one printed page a side, for the crew, the client's people and visitors."""

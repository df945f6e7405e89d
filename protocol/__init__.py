"""The wire protocol of Anki Drive / OVERDRIVE cars: bytes to messages and back, pure."""

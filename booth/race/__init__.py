"""The race engine: line-up to result, modes, drivers. Pure."""

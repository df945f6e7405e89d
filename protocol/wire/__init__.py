"""How declarations become classes, encoders and decoders."""

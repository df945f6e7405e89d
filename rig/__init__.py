"""Everything that touches cars, hardware fixtures and results."""

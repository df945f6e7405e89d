"""The daily prize draw: frozen list, declared randomness, RFC 3797 ranking, evidence anybody can verify."""

"""Every message of the wire, declared once, by theme."""

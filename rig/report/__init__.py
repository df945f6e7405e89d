"""Stored rows rendered as text, JSON, JUnit XML and one-file HTML."""

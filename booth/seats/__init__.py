"""Seats and queue: who drives now, who comes next. Pure."""

"""The only door to the air: scan, connect, write, notify. The one place that imports bleak."""

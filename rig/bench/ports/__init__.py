"""Where the bytes go: a real serial port on a worker thread, or a simulated twin in the same process."""

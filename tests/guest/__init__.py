"""A guest machine whose Bluetooth is real except for the radio: Linux kernel, BlueZ, D-Bus, stock bleak.

`python -m tests.guest run -- COMMAND…` boots it on the host's own files, read-only, and runs a command inside.
See docs/real-bluetooth.md.
"""

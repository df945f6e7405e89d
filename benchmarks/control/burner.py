"""Keeps one core busy until killed; with a core number as argument, that core."""

import os
import sys

if len(sys.argv) > 1:
    os.sched_setaffinity(0, {int(sys.argv[1])})
while True:
    pass

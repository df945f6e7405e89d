"""`pitboard booth run`: starts the processes, watches them, brings back the one that dies."""

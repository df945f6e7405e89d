"""One driver per family of boards. All open through a `Port`; none knows a file, a thread or construct."""

"""The control loop: what a booth's control process, and nothing else in it, runs."""

"""`pitboard booth doctor`: what is wrong, who acts, the one thing to do."""

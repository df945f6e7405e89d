"""The reconnect soak: break each car's link again and again, and see how soon it talks to us afterwards."""

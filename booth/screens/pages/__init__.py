"""What the routes answer, by audience; `doors` of each module are its routes."""

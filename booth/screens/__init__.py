"""The web screens, a process of their own: stage, crew, seat, IT."""

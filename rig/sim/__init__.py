"""The simulated world: track, cars, batteries, and the air between them. The one place that imports bumble."""

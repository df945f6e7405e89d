"""The show: built on rig and protocol, adds only what is the booth's own."""

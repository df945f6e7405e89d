"""The two sets on the floor: the guided swap on `rig.rotation` and the battery forecast. Pure."""

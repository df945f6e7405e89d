"""The control loop: what a booth's control process runs, and nothing else in it.

messages -> state -> policy -> orders, per car, as they come; a 30 Hz tick for what does not come.

    with control_process() as priority, ControlLoop(cruise) as loop:
        loop.add(LinkPort(link), Cruise(speed_mm_s=400))
        ...
        loop.steer(link.identifier, Cruise(speed_mm_s=600))

`rig.control.link_port` and `rig.control.socket_port` are imported where needed: the first brings bleak.
"""

from __future__ import annotations

from rig.control.loop import TICK_S, ControlLoop, LoopCounts
from rig.control.policy import Cruise, Event, Faded, Heard, Orders, Policy, Steered, Ticked, cruise
from rig.control.port import CarPort
from rig.control.priority import Grant, Priority, high_priority
from rig.control.process import control_process
from rig.control.state import CarState, observe, reckoned_mm, silent_s
from rig.control.ticker import Tick, Ticker
from rig.control.watchdog import Freshness, Watchdog

__all__ = [
    "TICK_S",
    "CarPort",
    "CarState",
    "ControlLoop",
    "Cruise",
    "Event",
    "Faded",
    "Freshness",
    "Grant",
    "Heard",
    "LoopCounts",
    "Orders",
    "Policy",
    "Priority",
    "Steered",
    "Tick",
    "Ticked",
    "Ticker",
    "Watchdog",
    "control_process",
    "cruise",
    "high_priority",
    "observe",
    "reckoned_mm",
    "silent_s",
]

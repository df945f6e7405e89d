"""How `pitboard drive` shows a car: JSON lines, a line a second, or a live panel."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from protocol.track import piece_kind
from rig.cli.car_words import UNKNOWN, firmware_words, milestones_record
from rig.cli.message_records import record_of
from rig.cli.output import Output
from rig.driving import session_events as session
from rig.driving.lap_events import Lap, Started, event_of
from rig.driving.laps import LapState
from rig.driving.laps import step as lap_step
from rig.driving.telemetry import Telemetry, observe
from rig.radio.link import CarLink, Received

if TYPE_CHECKING:
    from rich.panel import Panel

REFRESH_S = 0.1
LINE_EVERY_S = 1.0
_LATEST = 6


def action_words(action: session.Action) -> str | None:
    """One line for what the conversation reports; None for plain sending."""
    match action:
        case session.SpeedTaken(speed_mm_s=speed, latency_s=latency, tries=tries):
            again = "" if tries == 1 else f", order {tries}"
            return f"speed {speed} mm/s taken after {latency * 1000:.0f} ms{again}"
        case session.SpeedIgnored(speed_mm_s=speed, tries=tries):
            return f"speed {speed} mm/s ignored {tries} times"
        case session.Answered(request=request, value=value, latency_s=latency):
            shown = {session.Request.PING: "", session.Request.VERSION: f" 0x{value or 0:04x}"}
            return f"{request.value}{shown.get(request, f' {value} mV')} after {latency * 1000:.0f} ms"
        case session.Unanswered(request=request):
            return f"{request.value} not answered"
        case _:
            return None


class View:
    """Takes in frames and actions from the first moment on; subclasses show them."""

    def __init__(self) -> None:
        self.output = Output()
        self.telemetry = Telemetry()
        self.laps = LapState()
        self.last_lap: Lap | None = None
        self._loop = asyncio.get_running_loop()

    def heard(self, received: Received) -> None:
        """One frame from the car."""
        self.telemetry = observe(self.telemetry, received.message)
        event = event_of(received.message, received.mono_s)
        if event is not None:
            self.laps, found = lap_step(self.laps, event)
            for finding in found:
                self.found(finding)

    def found(self, finding: Lap | Started) -> None:
        """A lap, or the crossing that starts the clock."""
        if isinstance(finding, Lap):
            self.last_lap = finding
            self.tell(f"lap {finding.number}: {finding.time_s:.2f} s ({finding.confidence.value})")

    def acted(self, action: session.Action) -> None:
        """Something the conversation reports."""
        words = action_words(action)
        if words is not None:
            self.tell(words)

    def tell(self, words: str) -> None:
        """One remarkable thing."""

    def ended(self, *, stopped: bool | None) -> None:
        """The car has been let go of."""

    @contextmanager
    def showing(self, link: CarLink, wanted_mm_s: int) -> Iterator[None]:
        """Shows the car for the length of the context."""
        yield


class JsonView(View):
    """A JSON line for everything."""

    def heard(self, received: Received) -> None:
        """One frame from the car."""
        record: dict[str, Any] = {"t_s": round(received.mono_s, 6), "hex": received.frame.hex(" ")}
        if received.message is not None:
            record |= record_of(received.message)
        self.output.line(json.dumps(record))
        super().heard(received)

    def found(self, finding: Lap | Started) -> None:
        """A lap as a line of its own."""
        if isinstance(finding, Lap):
            lap = {"event": "lap", "number": finding.number, "time_s": round(finding.time_s, 6)}
            self.output.line(json.dumps(lap | {"confidence": finding.confidence.value}))

    def tell(self, words: str) -> None:
        """What the conversation reports."""
        self.output.line(json.dumps({"event": "session", "t_s": round(self._loop.time(), 6), "text": words}))

    def ended(self, *, stopped: bool | None) -> None:
        """Ends with whether the car confirmed its stop."""
        self.output.line(json.dumps({"event": "end", "stopped": stopped}))

    @contextmanager
    def showing(self, link: CarLink, wanted_mm_s: int) -> Iterator[None]:
        """Begins with how the link came up."""
        steps = milestones_record(link.milestones)
        self.output.line(
            json.dumps(
                {
                    "event": "connected",
                    "car": f"{link.identifier:08x}",
                    "firmware": link.firmware,
                    "adapter": link.adapter,
                }
                | steps
            )
        )
        yield


class LineView(View):
    """A line a second, for pipes and logs."""

    def __init__(self) -> None:
        super().__init__()
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, words: str) -> None:
        """Remarkable things get a line at once."""
        self.output.line(f"  {words}")

    @contextmanager
    def showing(self, link: CarLink, wanted_mm_s: int) -> Iterator[None]:
        """Prints a line now and every second."""
        began_s = self._loop.time()

        def line() -> None:
            self.output.line(f"{self._loop.time() - began_s:6.1f} s  {one_line(self.telemetry)}")
            self._timer = self._loop.call_later(LINE_EVERY_S, line)

        self._timer = self._loop.call_later(LINE_EVERY_S, line)
        try:
            yield
        finally:
            self._timer.cancel()


class LiveView(View):
    """A panel that refreshes ten times a second, for a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._latest: deque[str] = deque(maxlen=_LATEST)

    def tell(self, words: str) -> None:
        """Remarkable things scroll through the lower half of the panel."""
        self._latest.append(words)

    @contextmanager
    def showing(self, link: CarLink, wanted_mm_s: int) -> Iterator[None]:
        """Keeps the panel fresh."""
        from rich.live import Live  # noqa: PLC0415 - only for this view

        began_s = self._loop.time()
        timer: asyncio.TimerHandle | None = None
        with Live(auto_refresh=False) as live:

            def refresh() -> None:
                nonlocal timer
                try:
                    live.update(self._panel(link, wanted_mm_s, self._loop.time() - began_s), refresh=True)
                except OSError as error:
                    self.output.fail(error)
                    return
                timer = self._loop.call_later(REFRESH_S, refresh)

            refresh()
            try:
                yield
            finally:
                if timer is not None:
                    timer.cancel()
                live.update(self._panel(link, wanted_mm_s, self._loop.time() - began_s), refresh=True)

    def _panel(self, link: CarLink, wanted_mm_s: int, elapsed_s: float) -> Panel:
        from rich import box  # noqa: PLC0415 - as above
        from rich.panel import Panel  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415

        seen = self.telemetry
        grid = Table.grid(padding=(0, 2))
        for style in ("dim", "bold", "dim", "bold"):
            grid.add_column(style=style, min_width=9)
        lap = "-" if self.last_lap is None else f"{self.last_lap.number} in {self.last_lap.time_s:.2f} s"
        silent_s = self._loop.time() - link.last_frame_s
        rows = (
            (
                "speed",
                f"{_number(seen.speed_mm_s)} of {wanted_mm_s} mm/s",
                "battery",
                f"{_number(seen.battery_mv)} mV",
            ),
            ("piece", _piece(seen), "state", _status(seen)),
            ("lane", _lane(seen), "last lap", lap),
            (
                "frames",
                f"{seen.frames} ({seen.frames / max(elapsed_s, 0.1):.1f}/s)",
                "silent",
                f"{silent_s:.1f} s",
            ),
            ("skids", str(seen.skids), "off road", str(seen.delocalized)),
        )
        for row in rows:
            grid.add_row(*row)
        grid.add_row()
        for words in self._latest:
            grid.add_row("", words)
        title = f"[bold]{link.label}[/]  firmware {firmware_words(link.firmware)}  {elapsed_s:.0f} s"
        return Panel(
            grid, title=title, title_align="left", box=box.ROUNDED, width=78, subtitle="Ctrl-C stops the car"
        )


def one_line(seen: Telemetry) -> str:
    """Telemetry in one line."""
    return (
        f"{_number(seen.speed_mm_s):>4} mm/s  piece {_piece(seen):<14} lane {_lane(seen):<9} "
        f"battery {_number(seen.battery_mv)} mV  {_status(seen)}"
    )


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else str(value)


def _piece(seen: Telemetry) -> str:
    return UNKNOWN if seen.piece_id is None else f"{seen.piece_id} ({piece_kind(seen.piece_id).value})"


def _lane(seen: Telemetry) -> str:
    return UNKNOWN if seen.lane_mm is None else f"{seen.lane_mm:+.1f} mm"


def _status(seen: Telemetry) -> str:
    if seen.status is None:
        return UNKNOWN
    words = ["on track" if seen.status.on_track else "off track"]
    if seen.status.on_charger:
        words.append("on charger")
    if seen.status.low_battery:
        words.append("LOW battery")
    if seen.status.charged:
        words.append("full")
    return ", ".join(words)

"""`pitboard record`: what a car and its host say, as a file of JSON lines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from rig.cli.numbers import FiniteRange
from rig.cli.radio_options import radio_options, run_on_radio
from rig.cli.recovery_options import recovery_option
from rig.errors import BenchError, InputError

if TYPE_CHECKING:
    from protocol import Direction
    from rig.cli.car_session import CarSession
    from rig.compose import Station
    from rig.driving.transcript import TranscriptWriter
    from rig.radio.link import CarLink, Received, Sent

LOOK_EVERY_S = 0.5


@click.command()
@click.argument("car")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seconds", type=FiniteRange(min=0.1), help="How long; without it, until Ctrl-C.")
@click.option("--speed", type=click.IntRange(0, 2000), default=300, show_default=True, help="mm/s; 0 stands.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@recovery_option
@radio_options
def record(
    *,
    car: str,
    file: Path,
    seconds: float | None,
    speed: int,
    overwrite: bool,
    recovery: str,
    radio: tuple[str, ...],
    seed: int | None,
    fast: bool,
) -> int:
    r"""Drive CAR and write every frame, both ways, with its time and firmware, to FILE.

    Each line is flushed as it is written, so an interrupted recording is whole up to the last frame.

    \b
    Examples:
      pitboard record 0880eadb night.jsonl --seconds 120 --fast
      pitboard record 0880eadb bench.jsonl --radio ble --speed 0
      pitboard replay night.jsonl
    """
    if fast and seconds is None:
        raise InputError("--fast records for ever in no time; give --seconds")

    async def main(station: Station) -> int:
        from rig.cli.car_session import NOT_STOPPED, car_under_command  # noqa: PLC0415 - bleak loads only here

        try:
            with _create(file, overwrite=overwrite) as output:
                recorder = _Recorder(output, file)
                async with car_under_command(
                    station, car, quiet=False, recovery=recovery, on_frame=recorder.heard
                ) as session:
                    recorder.begin(session.link, station.radio.name)
                    session.driver.want_speed(speed)
                    await _until_done(session, recorder, seconds)
        except OSError as error:  # closing writes what is left
            raise BenchError(f"cannot write {file}: {error.strerror}") from error
        click.echo(f"{recorder.frames} frames in {file}; read them with: pitboard replay {file}", err=True)
        return 0 if session.stopped else NOT_STOPPED

    return run_on_radio(radio, main, seed=seed, fast=fast)


def _create(file: Path, *, overwrite: bool) -> TextIO:
    try:
        return file.open("w" if overwrite else "x", encoding="utf-8")
    except FileExistsError as error:
        raise InputError(f"{file} exists; name another file or add --overwrite") from error
    except OSError as error:
        raise InputError(f"cannot write {file}: {error.strerror}") from error


async def _until_done(session: CarSession, recorder: _Recorder, seconds: float | None) -> None:
    loop = asyncio.get_running_loop()
    until_s = float("inf") if seconds is None else loop.time() + seconds
    while (left_s := until_s - loop.time()) > 0:
        await session.until_lost(min(LOOK_EVERY_S, left_s))
        recorder.check()


class _Recorder:
    """Writes frames as they pass. A write that fails is kept for `check`: callbacks must not raise."""

    def __init__(self, output: TextIO, file: Path) -> None:
        self._output = output
        self._file = file
        self._began_s = asyncio.get_running_loop().time()
        self._writer: TranscriptWriter | None = None
        self._link: CarLink | None = None
        self._before: list[Received] = []
        self._failure: OSError | None = None

    @property
    def frames(self) -> int:
        """Frames written."""
        return 0 if self._writer is None else self._writer.frames

    def begin(self, link: CarLink, radio: str) -> None:
        """Writes who it is, then what has been heard so far; from now on also what is sent."""
        from rig.clock import SystemClock  # noqa: PLC0415 - bleak loads only here
        from rig.driving.transcript import Session, TranscriptWriter  # noqa: PLC0415

        car = link.sighting
        started_at = SystemClock().utc_now().isoformat(timespec="seconds")
        who = Session(car.identifier, car.model_id, car.name, link.firmware, started_at, radio)
        self._link = link
        try:
            self._writer = TranscriptWriter(self._output, who)
        except OSError as error:
            self._failure = error
        link.on_sent(self.sent)
        for received in self._before:
            self.heard(received)

    def heard(self, received: Received) -> None:
        """A frame from the car."""
        from protocol import Direction  # noqa: PLC0415 - as above

        if self._link is None:
            self._before.append(received)
        else:
            self._write(received.mono_s, Direction.TO_HOST, received.frame)

    def sent(self, sent: Sent) -> None:
        """A frame to the car."""
        from protocol import Direction  # noqa: PLC0415 - as above

        self._write(sent.mono_s, Direction.TO_CAR, sent.frame)

    def check(self) -> None:
        """Raises BenchError when the file could not be written."""
        if self._failure is not None:
            raise BenchError(
                f"cannot write {self._file}: {self._failure.strerror}; {self.frames} frames are in it"
            ) from self._failure

    def _write(self, at_s: float, direction: Direction, frame: bytes) -> None:
        from rig.driving.transcript import Frame  # noqa: PLC0415 - as above

        if self._writer is None or self._failure is not None or self._link is None:
            return
        try:
            self._writer.write(Frame(at_s - self._began_s, direction, frame, self._link.firmware))
        except OSError as error:
            self._failure = error

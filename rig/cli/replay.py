"""`pitboard replay`: a recording through the decoder and the lap detector, without a radio."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rig.cli.frame_sources import firmware_from_text
from rig.errors import InputError

if TYPE_CHECKING:
    from rig.driving.replay import Replay

NOT_WHOLE = 1
_SHOWN_DAMAGES = 20


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--firmware", metavar="NUMBER", help="Firmware (0x2774 or 10100), if the recording does not say."
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines: track, laps, damages, and last a summary.")
def replay(*, file: Path, firmware: str | None, as_json: bool) -> int:
    r"""Decode FILE (a recording of `pitboard record`, or a sniffer log as JSON lines), draw its track, time its laps.

    Lines that cannot be read are named and skipped; the exit code is then 1.

    \b
    Examples:
      pitboard replay night.jsonl
      pitboard replay sniffed.jsonl --firmware 0x2774 --json | tail -1 | jq .median_lap_s
    """
    from rig.driving.replay import replay as play  # noqa: PLC0415 - the codec loads only here
    from rig.driving.transcript import read_transcript  # noqa: PLC0415

    number = None if firmware is None else firmware_from_text(firmware)
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            played = play(read_transcript(lines), number)
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    if as_json:
        for record in _records(file, played):
            click.echo(json.dumps(record, ensure_ascii=False))
    else:
        _print(file, played)
    _complain(file, played)
    return 0 if played.is_whole else NOT_WHOLE


def _records(file: Path, played: Replay) -> Iterator[dict[str, Any]]:
    from protocol import Direction  # noqa: PLC0415 - as above
    from rig.cli.lap_words import lap_record, laps_record, track_record  # noqa: PLC0415

    began_s = played.first_s or 0.0
    if played.track is not None:
        yield track_record(played.track)
    for lap in played.laps:
        yield lap_record(lap, began_s)
    for bad in played.damaged:
        yield {"event": "damaged line", "line": bad.line, "why": bad.why}
    for frame, error in played.bad_frames:
        yield {"event": "bad frame", "at_s": frame.at_s, "hex": frame.frame.hex(" "), "why": str(error)}
    who = played.session
    to_host = Direction.TO_HOST
    counts = sorted(played.messages.items(), key=lambda item: (item[0][0].value, -item[1], item[0][1]))
    yield {
        "event": "summary",
        "file": str(file),
        "car": None if who is None or who.identifier is None else f"{who.identifier:08x}",
        "firmware": None if who is None else who.firmware,
        "seconds": round(played.seconds, 3),
        "position_updates": played.count(to_host, "PositionUpdate", "PositionUpdateDrive"),
        "transition_updates": played.count(
            to_host, "TransitionUpdate", "TransitionUpdate17", "TransitionUpdateDrive"
        ),
        **laps_record(played.laps),
        "messages": {f"{direction.value} {name}": count for (direction, name), count in counts},
        "damaged_lines": len(played.damaged),
        "bad_frames": len(played.bad_frames),
    }


def _print(file: Path, played: Replay) -> None:
    from protocol import Direction  # noqa: PLC0415 - as above
    from rig.cli.lap_words import lap_words, laps_words, track_words  # noqa: PLC0415

    click.echo(
        f"{file.name}: {_who(played)}{sum(played.messages.values())} messages in {played.seconds:.1f} s"
    )
    for direction, arrow in ((Direction.TO_HOST, "from the car"), (Direction.TO_CAR, "to the car")):
        counts = [(count, name) for (way, name), count in played.messages.items() if way is direction]
        for count, name in sorted(counts, key=lambda item: (-item[0], item[1])):
            click.echo(f"  {count:7d}  {name:24s} {arrow}")
    if played.track is not None:
        click.echo("\n".join(["", *(f"  {line}" for line in track_words(played.track))]))
    click.echo()
    for lap in played.laps:
        click.echo(f"  {lap_words(lap)}")
    click.echo(f"\n{laps_words(played.laps)}")


def _who(played: Replay) -> str:
    from protocol.models import model_name  # noqa: PLC0415 - as above

    who = played.session
    if who is None or who.identifier is None:
        return ""
    model = "" if who.model_id is None else f"{model_name(who.model_id)} "
    return f"{model}{who.identifier:08x}, "


def _complain(file: Path, played: Replay) -> None:
    for bad in played.damaged[:_SHOWN_DAMAGES]:
        click.echo(f"{file.name} line {bad.line}: {bad.why}", err=True)
    for frame, error in played.bad_frames[:_SHOWN_DAMAGES]:
        click.echo(f"{file.name} at {frame.at_s:g} s: {error}", err=True)
    more = max(0, len(played.damaged) - _SHOWN_DAMAGES) + max(0, len(played.bad_frames) - _SHOWN_DAMAGES)
    if more:
        click.echo(f"... and {more} more", err=True)

"""`pitboard encode`: messages as frames."""

from __future__ import annotations

import json

import click

from protocol import MESSAGE_TYPES, Dialect, Direction, dialect_for
from protocol.wire.frozen import REQUIRED
from rig.cli.frame_sources import firmware_from_text, shortened, stdin_lines
from rig.cli.message_input import TYPES, frame_of, message_from, value_from_text
from rig.errors import InputError

SOME_BAD = 1


@click.command()
@click.argument("name", required=False, metavar="[MESSAGE]")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--firmware", metavar="NUMBER", help="The car's firmware, 10100 or 0x2774; decides the layout.")
@click.option("--list", "list_all", is_flag=True, help="List all messages and their fields, and exit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of bare hex.")
def encode(
    name: str | None, fields: tuple[str, ...], firmware: str | None, list_all: bool, as_json: bool
) -> None:
    r"""Build frames from messages.

    A message is named with its fields, or given as JSON lines on standard input, as `pitboard decode --json`
    prints them. With --firmware a message takes the form that firmware understands. A bad line is reported
    and the rest goes on; the exit code is then 1.

    \b
    Examples:
      pitboard encode SetSpeed speed_mm_s=300 accel_mm_s2=1000
      pitboard encode SetSpeed speed_mm_s=300 accel_mm_s2=1000 --firmware 0x3061
      pitboard encode Turn turn_type=U_TURN
      pitboard decode --json < frames.txt | pitboard encode
      pitboard encode --list
    """
    if list_all:
        _list(as_json=as_json)
        return
    dialect = dialect_for(firmware_from_text(firmware)) if firmware is not None else Dialect.UNKNOWN
    if name is not None and name != "-":
        _show(frame_of(message_from(_record(name, fields), dialect), dialect), as_json=as_json)
        return
    good = bad = 0
    for number, line in enumerate(stdin_lines(), start=1):
        if not line.strip():
            continue
        try:
            frame = _frame_from_json(line, dialect)
        except InputError as error:
            bad += 1
            click.echo(f"stdin line {number}: {error}", err=True)
        else:
            good += 1
            _show(frame, as_json=as_json)
    if not good and not bad:
        click.echo("there was no message in it", err=True)
    if bad or not good:
        raise SystemExit(SOME_BAD)


def _record(name: str, fields: tuple[str, ...]) -> dict[str, object]:
    cls = TYPES.get(name)
    values: dict[str, object] = {}
    for given in fields:
        key, equals, text = given.partition("=")
        if not equals:
            raise InputError(f"'{shortened(given)}' is not FIELD=VALUE")
        if text[:1] in {"[", "{"}:
            values[key] = _json(text)
        else:
            values[key] = value_from_text(cls, key, text) if cls else text
    return {"message": name, "fields": values}


def _frame_from_json(line: str, dialect: Dialect) -> bytes:
    record = _json(line)
    if not isinstance(record, dict):
        raise InputError(f"'{shortened(line)}' is not a JSON object")
    return frame_of(message_from(record, dialect), dialect)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{shortened(text)}' is not JSON: {error}") from None


def _show(frame: bytes, *, as_json: bool) -> None:
    click.echo(json.dumps({"hex": frame.hex()}) if as_json else frame.hex())


def _list(*, as_json: bool) -> None:
    for cls in MESSAGE_TYPES:
        way = "to car" if cls.FORM.direction is Direction.TO_CAR else "to host"
        if as_json:
            fields = [{"name": s.name, "unit": s.unit, "doc": s.doc} for s in cls.FIELDS]
            record = {"message": cls.__name__, "id": cls.MSG_ID, "direction": cls.FORM.direction.value}
            click.echo(json.dumps(record | {"fields": fields}, ensure_ascii=False))
            continue
        click.echo(f"{cls.__name__}  0x{cls.MSG_ID:02x} {way}")
        for spec in cls.FIELDS:
            default = "" if spec.default is REQUIRED else f" (default {_default(spec.default)})"
            names = f": {', '.join(n.upper() for n in spec.values.__members__)}" if spec.values else ""
            unit = f" [{spec.unit}]" if spec.unit else ""
            click.echo(f"  {spec.name}{unit}  {spec.doc}{names}{default}")


def _default(value: object) -> str:
    return (value.hex() or "no bytes") if isinstance(value, bytes) else str(value)

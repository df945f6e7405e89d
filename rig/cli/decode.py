"""`pitboard decode`: frames, recordings and captures as text or JSON."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence

import click

from protocol import DecodeError, Dialect, Direction, Message, dialect_for
from protocol import decode as decode_frame
from rig.cli.frame_sources import (
    Found,
    FoundFrame,
    Unreadable,
    firmware_from_text,
    frame_from_hex,
    frames_of_file,
    frames_of_text,
    shortened,
    stdin_lines,
)
from rig.cli.message_records import (
    direction_of,
    field_lines,
    one_line,
    record_of,
    title_of,
    view_lines,
    views_of,
)
from rig.errors import InputError

SOME_BAD = 1
BAD_INPUT = 2
_WAYS = {"to-car": Direction.TO_CAR, "to-host": Direction.TO_HOST}
_BYTE = re.compile(r"(0[xX])?[0-9a-fA-F]{1,2},?")
_HEX = re.compile(r"[0-9a-fA-FxX\s:,-]*")
_ARROWS = {Direction.TO_CAR: "to car ", Direction.TO_HOST: "to host"}


class _Printer:
    """Writes what was found and counts it."""

    def __init__(self, *, as_json: bool, detailed: bool, firmware: int | None, way: Direction | None) -> None:
        self.as_json = as_json
        self.detailed = detailed
        self.firmware = firmware
        self.way = way
        self.good = 0
        self.bad = 0
        self.began_s: float | None = None

    def show(self, found: Found) -> None:
        if isinstance(found, Unreadable):
            self.complain(f"{found.where}: {found.why}")
            return
        firmware = self.firmware if self.firmware is not None else found.firmware
        dialect = dialect_for(firmware)
        direction = self.way or found.direction or direction_of(found.frame)
        try:
            message = decode_frame(found.frame, direction, dialect)
        except DecodeError as error:
            self.complain(f"{found.where}: {error}")
            return
        self.good += 1
        if self.as_json:
            _echo_json(_record(found, message, direction, dialect))
        elif self.detailed:
            self._block(found, message, direction)
        else:
            self._line(found, message, direction)

    def complain(self, sentence: str) -> None:
        self.bad += 1
        click.echo(sentence, err=True)

    def _block(self, found: FoundFrame, message: Message, direction: Direction) -> None:
        click.echo(
            f"{title_of(message)}  0x{found.frame[1]:02x} {_ARROWS[direction].strip()}  {found.frame.hex(' ')}"
        )
        rows = [*field_lines(message), *view_lines(message)]
        widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
        for name, value, meaning in rows:
            click.echo(f"  {name:<{widths[0]}}  {value:>{widths[1]}}  {meaning}".rstrip())

    def _line(self, found: FoundFrame, message: Message, direction: Direction) -> None:
        stamp = ""
        if found.time_s is not None:
            if self.began_s is None:
                self.began_s = found.time_s
            stamp = f"{found.time_s - self.began_s:10.3f} s  "
        text = one_line(message)
        click.echo(f"{stamp}{_ARROWS[direction]}  {title_of(message):<22} {text}".rstrip())


@click.command()
@click.argument("items", nargs=-1, metavar="[FRAME|FILE|-]...")
@click.option(
    "--firmware", metavar="NUMBER", help="The car's firmware, 10100 or 0x2774; decides the layouts."
)
@click.option(
    "--direction",
    type=click.Choice(["auto", *_WAYS]),
    default="auto",
    show_default=True,
    help="Who sent the frames; auto goes by the source or the message id.",
)
@click.option(
    "--advert", "adverts", multiple=True, metavar="HEX", help="An advert or scan response of the car."
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line; `pitboard encode` reads it back."
)
def decode(
    items: tuple[str, ...], firmware: str | None, direction: str, adverts: tuple[str, ...], as_json: bool
) -> None:
    r"""Show what frames mean: hex, recordings, Bluetooth captures.

    FRAME is hex in any usual spelling, its bytes may be arguments of their own. FILE is a recording of `pitboard record`, a btsnoop, pcap or pcapng
    capture, or text with one frame a line. Without either, text is read from standard input. A bad
    frame is reported and the rest goes on; the exit code is then 1. In a capture the firmware is taken from
    the car's own scan response unless --firmware is given.

    \b
    Examples:
      pitboard decode 053f01000001
      pitboard decode 05 3f 01 00 00 01 --firmware 0x2774
      pitboard decode btsnoop_hci.log --json
      pitboard decode --advert 0f091874270120202020447269766500020a00
      pitboard decode < frames.txt
    """
    items = _joined(items)
    _require_files(items)
    pdus = [frame_from_hex(text) for text in adverts]
    number = firmware_from_text(firmware) if firmware is not None else None
    if pdus:
        number = _show_adverts(pdus, as_json=as_json, firmware=number)
        if not items:
            return
    detailed = bool(items) and all(not _is_file(item) and item != "-" for item in items)
    printer = _Printer(as_json=as_json, detailed=detailed, firmware=number, way=_WAYS.get(direction))
    ended = _print_all(printer, _found(items or ("-",)))
    if ended and not printer.good:
        raise InputError(ended)
    if ended:
        click.echo(ended, err=True)
    if not printer.good and items and all(_is_no_source(item) for item in items):
        raise SystemExit(BAD_INPUT)
    if not printer.good and not printer.bad:
        click.echo("there was no frame of a car in it", err=True)
    if printer.bad or ended or not printer.good:
        raise SystemExit(SOME_BAD)


def _print_all(printer: _Printer, found: Iterator[Found]) -> str | None:
    """Shows everything; the sentence that ended a file early, if one did."""
    try:
        for each in found:
            printer.show(each)
    except InputError as error:
        return str(error)
    return None


def _found(items: Iterable[str]) -> Iterator[Found]:
    for place, item in enumerate(items, start=1):
        if item == "-":
            yield from frames_of_text(stdin_lines(), "stdin")
        elif _is_file(item):
            yield from frames_of_file(item)
        elif _is_no_source(item):
            yield Unreadable(f"argument {place}", f"'{shortened(item)}' is neither hex nor a file")
        else:
            try:
                yield FoundFrame(f"argument {place}", frame_from_hex(item))
            except InputError as error:
                yield Unreadable(f"argument {place}", str(error))


def _joined(items: tuple[str, ...]) -> tuple[str, ...]:
    """One frame of arguments that are a byte each: hex that nobody quoted."""
    loose = len(items) > 1 and all(_BYTE.fullmatch(item) and not _is_file(item) for item in items)
    return (" ".join(items),) if loose else items


def _require_files(items: Sequence[str]) -> None:
    """Everything that must be a file is one, checked before anything is shown."""
    for item in items:
        if os.path.isdir(item):  # noqa: PTH112 - importing pathlib costs 3 ms of the start-up
            raise InputError(f"'{item}' is a directory; name the file in it")
        if ("/" in item or "." in item) and not _is_file(item):
            raise InputError(f"there is no file '{item}'")


def _is_file(item: str) -> bool:
    """Also a pipe or a device: what a shell puts in place of `<(...)`."""
    return os.path.exists(item) and not os.path.isdir(item)  # noqa: PTH110, PTH112 - as above


def _is_no_source(item: str) -> bool:
    """Neither a file nor anything like hex: a file's name mistyped, most likely."""
    return item != "-" and not _is_file(item) and not _HEX.fullmatch(item)


def _echo_json(record: dict[str, object]) -> None:
    import json  # noqa: PLC0415 - text needs none of it

    click.echo(json.dumps(record, ensure_ascii=False))


def _record(found: FoundFrame, message: Message, direction: Direction, dialect: Dialect) -> dict[str, object]:
    stamp: dict[str, object] = {} if found.time_s is None else {"time_s": round(found.time_s, 6)}
    context = {"direction": direction.value, "dialect": dialect.value, "hex": found.frame.hex()}
    views = views_of(message)
    return {**stamp, **record_of(message), **({"views": views} if views else {}), **context}


def _show_adverts(pdus: list[bytes], *, as_json: bool, firmware: int | None) -> int | None:
    """Shows adverts and scan responses as of one car; the firmware to go on with."""
    from rig.cli.advert_text import advert_lines, advert_record  # noqa: PLC0415 - frames need none of it

    try:
        record = advert_record(pdus)
    except DecodeError as error:
        raise InputError(f"not an advert: {error}") from error
    if as_json:
        _echo_json(record)
    else:
        for line in advert_lines(record):
            click.echo(line)
    heard = record.get("firmware")
    return firmware if firmware is not None or not isinstance(heard, int) else heard

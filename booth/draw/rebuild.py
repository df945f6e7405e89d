"""A draw from its files: the acts in them, done again from the first. The machine refuses what it would have refused
then, so that files which tell of a draw that cannot have been are found out, with the file that tells it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booth.draw.acts import (
    Act,
    Announce,
    Correct,
    CorrectThrow,
    Decide,
    Declare,
    Freeze,
    Redeclare,
    Run,
    TakeDrand,
    Throw,
    Void,
    What,
)
from booth.draw.bundle import files_of
from booth.draw.canonical import decoded, read
from booth.draw.ceremony import Ceremony, step
from booth.draw.declaration import Declaration
from booth.draw.drand import Beacon
from booth.draw.errors import Refused
from booth.draw.freeze import codes_in
from booth.draw.reasons import Change, Correction, Outcome, Reason, Strike, VoidReason


class Spoilt(Refused):
    """A file of a draw is not what the draw can have written: which, and what is wrong with it."""

    def __init__(self, file: str, sentence: str) -> None:
        super().__init__(f"{file}: {sentence}")
        self.file = file
        self.sentence = sentence


Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class _Signed:
    at: datetime
    by: str


def ceremony_of(files: Files) -> Ceremony:
    """The draw whose `files_of` these are, byte for byte.

    Raises:
        Spoilt: the first file that is wrong.
    """
    ceremony = None
    for file, act in acts_in(files):
        try:
            ceremony = step(ceremony, act)
        except Refused as error:
            raise Spoilt(file, str(error)) from error
    assert ceremony is not None
    expected = files_of(ceremony)
    for name in sorted(set(expected) | set(files)):
        if name not in files:
            raise Spoilt(name, "the file is missing")
        if name not in expected:
            raise Spoilt(name, "the file does not belong to this draw")
        if files[name] != expected[name]:
            raise Spoilt(name, f"{_difference(files[name], expected[name])}; recomputed, it reads otherwise")
    return ceremony


def acts_in(files: Files) -> Iterator[tuple[str, Act]]:
    """The acts in these files, each with the file that tells of it, in the order they can only have been in.

    Raises:
        Spoilt: a file that cannot be read.
    """
    yield from _declarations(files)
    yield from _freezes(files)
    for file, acts in (("sources.json", _entered), ("decisions.json", _decided)):
        if file in files:
            yield from ((file, act) for act in _reading(file, acts, files[file]))


def _declarations(files: Files) -> Iterator[tuple[str, Act]]:
    entries = _reading("declared.json", _declared_entries, _content(files, "declared.json"))
    if not entries:
        raise Spoilt("declared.json", "nothing was ever declared")
    for number, (signed, sha256, why) in enumerate(entries, 1):
        file = f"declaration-{number}.json"
        content = _content(files, file)
        declaration = _reading(file, _declaration, content)
        if declaration.sha256 != sha256:
            raise Spoilt(file, f"its SHA-256 is {declaration.sha256}, and declared.json says {sha256}")
        if number == 1:
            yield file, _act(signed, Declare(declaration))
        elif why is None:
            raise Spoilt("declared.json", f"declaration {number} has no reason")
        else:
            yield file, _act(signed, Redeclare(declaration, why))


def _freezes(files: Files) -> Iterator[tuple[str, Act]]:
    number = 1
    while f"freeze-{number}.json" in files:
        file, list_file = f"freeze-{number}.json", f"list-{number}.txt"
        codes = _reading(list_file, codes_in, _content(files, list_file))
        signed, struck, why, sha256 = _reading(file, _freeze, files[file])
        if (found := hashlib.sha256(files[list_file]).hexdigest()) != sha256:
            raise Spoilt(list_file, f"its SHA-256 is {found}, and {file} says {sha256}")
        tickets = (*codes, *struck)
        if number == 1:
            yield file, _act(signed, Freeze(tickets, struck))
        elif why is None:
            raise Spoilt(file, "a corrected list without a reason")
        else:
            yield file, _act(signed, Correct(tickets, struck, why))
        number += 1


def _content(files: Files, file: str) -> bytes:
    if file not in files:
        raise Spoilt(file, "the file is missing")
    return files[file]


def _reading(file: str, reader: Callable[[bytes, str], Any], content: bytes) -> Any:
    """What a reader finds in a file; whatever it stumbles over is the file's fault."""
    try:
        return reader(content, file)
    except Spoilt:
        raise
    except Refused as error:
        raise Spoilt(file, str(error).removeprefix(f"{file}: ")) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Spoilt(file, f"something is missing in it or of the wrong kind ({error})") from error


def _act(signed: _Signed, what: What) -> Act:
    return Act(signed.at, signed.by, what)


def _signed(body: Mapping[str, Any], where: str) -> _Signed:
    return decoded(_Signed, {"at": body["at"], "by": body["by"]}, where)


def _declared_entries(content: bytes, where: str) -> list[tuple[_Signed, str, Change | None]]:
    entries = read(content, where)["declared"]
    return [
        (_signed(each, where), each["sha256"], None if each["why"] is None else Change(each["why"]))
        for each in entries
    ]


def _declaration(content: bytes, where: str) -> Declaration:
    return decoded(Declaration, read(content, where), where)


def _freeze(content: bytes, where: str) -> tuple[_Signed, dict[str, Strike], Correction | None, str]:
    body = read(content, where)
    struck = {code: Strike(why) for code, why in body["struck"].items()}
    why = None if body["why"] is None else Correction(body["why"])
    return _signed(body, where), struck, why, str(body["list_sha256"])


def _entered(content: bytes, where: str) -> list[Act]:
    body = read(content, where)
    acts = [_act(_signed(each, where), _source(each, where)) for each in body["entered"]]
    if "run" in body:
        run = body["run"]
        acts.append(_act(_signed(run, where), decoded(Run, _only(run, "secret", "software"), where)))
    return acts


def _source(body: Mapping[str, Any], where: str) -> What:
    if "throws" in body:
        return decoded(Throw, {"values": body["throws"]}, where)
    if "corrected" in body:
        return decoded(CorrectThrow, body["corrected"], where)
    return TakeDrand(tuple(decoded(Beacon, each, where) for each in body["drand"]))


def _decided(content: bytes, where: str) -> list[Act]:
    decisions = read(content, where)["decisions"]
    return [_act(_signed(each, where), _decision(each)) for each in decisions]


def _decision(body: Mapping[str, Any]) -> What:
    if "announced" in body:
        return Announce()
    if "decided" in body:
        return Decide(Outcome(body["outcome"]), Reason(body["reason"]))
    return Void(VoidReason(body["void"]), None if body["secret"] is None else str(body["secret"]))


def _only(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: body[name] for name in names}


def _difference(found: bytes, expected: bytes) -> str:
    pairs = zip(found.splitlines(), expected.splitlines(), strict=False)
    for number, (here, there) in enumerate(pairs, 1):
        if here != there:
            shown = here.decode("utf-8", errors="replace").strip()
            return f"line {number} reads '{shown[:120]}'"
    return "it is longer or shorter than it should be"

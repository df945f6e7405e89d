"""A draw as files and back. What the store keeps, what the bundle holds and what `verify` reads is the same.

declaration-N.json   a declaration; its SHA-256 is on the stage (N > 1: replaced before the freeze)
declared.json        who declared it when, and why again
list-N.txt           the frozen list; its SHA-256 is on the stage (N > 1: corrected before the sources were known)
freeze-N.json        when, which declaration and list, what is struck out, which list it replaces and why
sources.json         every throw or the mirrors' answers, the revealed secret, RFC 3797's sources and key
ranking.json         rank, MD5, items left, item, ticket
decisions.json       what was told when, and what became of it
manifest.json        the SHA-256 of every other file; its own is the bundle id
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
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
)
from booth.draw.canonical import encoded, instant_text, written
from booth.draw.ceremony import Ceremony, step
from booth.draw.rfc3797 import ALGORITHM, key_string

FORMAT = "pitboard-draw/1"
MANIFEST = "manifest.json"


def files_of(ceremony: Ceremony) -> dict[str, bytes]:
    """Every file of a draw as far as it is, but the manifest; equal draws give equal bytes."""
    files: dict[str, bytes] = {}
    so_far: Ceremony | None = None
    declared: list[dict[str, Any]] = []
    lists = 0
    for act in ceremony.acts:
        replaced, so_far = so_far, step(so_far, act)
        if isinstance(act.what, Declare | Redeclare):
            declared.append(_declared(act))
            files[f"declaration-{len(declared)}.json"] = act.what.declaration.content
        elif isinstance(act.what, Freeze | Correct):
            assert so_far.frozen is not None
            lists += 1
            files[f"list-{lists}.txt"] = so_far.frozen.content
            files[f"freeze-{lists}.json"] = written(_freeze(act, so_far, replaced))
    files["declared.json"] = written({"format": FORMAT, "declared": declared})
    for name, body in (
        ("sources.json", _sources(ceremony)),
        ("ranking.json", _ranking(ceremony)),
        ("decisions.json", _decisions(ceremony)),
    ):
        if body:
            files[name] = written(body)
    return files


def bundled(ceremony: Ceremony) -> dict[str, bytes]:
    """The files of a draw with their manifest."""
    files = files_of(ceremony)
    return {**files, MANIFEST: manifest_of(files)}


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """The manifest of these files."""
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return written({"format": FORMAT, "files": sums})


def bundle_id(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of the manifest, hex."""
    return hashlib.sha256(files[MANIFEST]).hexdigest()


def _signed(act: Act) -> dict[str, Any]:
    return {"at": instant_text(act.at), "by": act.by}


def _declared(act: Act) -> dict[str, Any]:
    assert isinstance(act.what, Declare | Redeclare)
    why = act.what.why if isinstance(act.what, Redeclare) else None
    return {**_signed(act), "sha256": act.what.declaration.sha256, "why": why}


def _freeze(act: Act, now: Ceremony, before: Ceremony | None) -> dict[str, Any]:
    assert isinstance(act.what, Freeze | Correct)
    assert now.frozen is not None
    old = None if before is None or before.frozen is None else before.frozen.sha256
    return {
        **_signed(act),
        "declaration_sha256": now.declaration.sha256,
        "list_sha256": now.frozen.sha256,
        "tickets": len(now.frozen.codes),
        "struck": encoded(now.frozen.struck),
        "throws_wanted": now.throws_wanted,
        "replaces_sha256": old,
        "why": act.what.why if isinstance(act.what, Correct) else None,
    }


def _sources(ceremony: Ceremony) -> dict[str, Any]:
    entered = [
        _entered(act) for act in ceremony.acts if isinstance(act.what, Throw | CorrectThrow | TakeDrand)
    ]
    run = next(((act, act.what) for act in ceremony.acts if isinstance(act.what, Run)), None)
    if not entered and run is None:
        return {}
    body: dict[str, Any] = {"entered": entered, "throws": list(ceremony.throws)}
    if run is not None:
        act, what = run
        body["run"] = {**_signed(act), "secret": what.secret, "software": what.software}
        body["sources"] = encoded(ceremony.sources)
        body["key"] = key_string(ceremony.sources)
    return body


def _entered(act: Act) -> dict[str, Any]:
    match act.what:
        case Throw(values):
            return {**_signed(act), "throws": list(values)}
        case CorrectThrow(number, value):
            return {**_signed(act), "corrected": {"number": number, "value": value}}
        case TakeDrand(answers):
            return {**_signed(act), "drand": encoded(answers)}
    raise AssertionError(act)


def _ranking(ceremony: Ceremony) -> dict[str, Any]:
    if not ceremony.picks or ceremony.frozen is None:
        return {}
    ranks = [{**encoded(pick), "code": ceremony.code(pick.rank)} for pick in ceremony.picks]
    return {
        "algorithm": ALGORITHM,
        "list_sha256": ceremony.frozen.sha256,
        "pool": len(ceremony.frozen.codes),
        "ranks": ranks,
    }


def _decisions(ceremony: Ceremony) -> dict[str, Any]:
    told = list(_told(ceremony))
    return {} if not told else {"decisions": told, "phase": ceremony.phase.value}


def _told(ceremony: Ceremony) -> Iterator[dict[str, Any]]:
    rank = 0
    for act in ceremony.acts:
        match act.what:
            case Announce():
                rank += 1
                yield {**_signed(act), "announced": rank, "code": ceremony.code(rank)}
            case Decide(outcome, reason):
                yield {**_signed(act), "decided": rank, "outcome": outcome.value, "reason": reason.value}
            case Void(why, secret):
                yield {**_signed(act), "void": why.value, "secret": secret}

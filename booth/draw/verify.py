"""Checks a draw from its bundle alone: every file against the manifest, then the whole draw done again.

What this cannot see is a bundle made up from beginning to end. Against that stand what was public at the time: the hashes
of declaration and list from the stage, and the bundle id; give them, or compare them by eye.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from booth.draw.bundle import FORMAT, MANIFEST, bundle_id
from booth.draw.canonical import read
from booth.draw.ceremony import Ceremony
from booth.draw.errors import Refused
from booth.draw.rebuild import Spoilt, ceremony_of
from booth.draw.telling import told


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that was checked; `fault` is what is wrong with it, None: it holds."""

    file: str
    words: str
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What the public was shown, as far as it is at hand; None is not compared."""

    bundle_id: str | None = None
    list_sha256: str | None = None
    declaration_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. `ceremony` is the draw, None when it could not be done again."""

    statements: tuple[Statement, ...]
    bundle_id: str
    ceremony: Ceremony | None
    not_checked: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether every statement holds."""
        return all(statement.fault is None for statement in self.statements)


NOTHING_PUBLISHED = Published()


def verify(files: Mapping[str, bytes], published: Published = NOTHING_PUBLISHED) -> Verification:
    """Everything that can be said of a bundle, the faults among it."""
    if MANIFEST not in files:
        missing = Statement(
            MANIFEST, "the manifest is there", "the file is missing; is this a draw's bundle?"
        )
        return Verification((missing,), "", None)
    found = list(_against_manifest(files))
    ceremony = None
    try:
        ceremony = ceremony_of({name: content for name, content in files.items() if name != MANIFEST})
    except Spoilt as error:
        found.append(Statement(error.file, "the draw, done again, gives the same files", error.sentence))
    else:
        found += [Statement(file, words) for file, words in told(ceremony)]
    identity = bundle_id(files)
    found += _against_public(published, identity, ceremony)
    return Verification(tuple(found), identity, ceremony, _not_checked(ceremony))


def _against_manifest(files: Mapping[str, bytes]) -> Iterator[Statement]:
    words = "the manifest names every file with its SHA-256"
    try:
        body = read(files[MANIFEST], MANIFEST)
    except Refused as error:
        yield Statement(MANIFEST, words, str(error))
        return
    sums = body.get("files")
    if set(body) != {"files", "format"} or body["format"] != FORMAT or not isinstance(sums, dict):
        yield Statement(MANIFEST, words, f"it is no manifest of the format {FORMAT}")
        return
    faults = [*_sums_that_differ(files, sums)]
    yield from faults
    if not faults:
        yield Statement(MANIFEST, f"{words}: {len(sums)} files")


def _sums_that_differ(files: Mapping[str, bytes], sums: Mapping[str, object]) -> Iterator[Statement]:
    words = "the file is the one the manifest names"
    for name in sorted((set(files) | set(sums)) - {MANIFEST}):
        if name not in files:
            yield Statement(name, words, f"{MANIFEST} names it, and it is not there")
        elif name not in sums:
            yield Statement(name, words, f"{MANIFEST} does not name it")
        elif (found := hashlib.sha256(files[name]).hexdigest()) != sums[name]:
            yield Statement(name, words, f"its SHA-256 is {found}, and {MANIFEST} says {sums[name]}")


def _against_public(published: Published, identity: str, ceremony: Ceremony | None) -> Iterator[Statement]:
    frozen = None if ceremony is None else ceremony.frozen
    for file, what, wanted, found in (
        (MANIFEST, "the bundle id", published.bundle_id, identity),
        ("list", "the list's SHA-256", published.list_sha256, None if frozen is None else frozen.sha256),
        (
            "declaration",
            "the declaration's SHA-256",
            published.declaration_sha256,
            None if ceremony is None else ceremony.declaration.sha256,
        ),
    ):
        if wanted is not None:
            fault = None if wanted == found else f"published was {wanted}, this bundle has {found}"
            yield Statement(file, f"{what} is the one that was published", fault)


def _not_checked(ceremony: Ceremony | None) -> tuple[str, ...]:
    if ceremony is None or not ceremony.answers:
        return ()
    number = ceremony.declaration.drand_round
    return (f"the BLS signature of drand round {number}; a drand client checks it, sources.json has it",)

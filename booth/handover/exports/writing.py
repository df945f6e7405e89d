"""Writes an export: planned, checked, noted in the audit log, then written file by file for the owner alone, the receipt last.

The log comes first, so that an erasure later names every file that may hold the person, even one that a power cut left half
written.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from booth.errors import BadInput, BoothBroken
from booth.handover.exports.cells import csv_bytes
from booth.handover.exports.hubspot import HUBSPOT
from booth.handover.exports.marketo import MARKETO, MARKETO_BULK
from booth.handover.exports.plain import CSV, json_bytes
from booth.handover.exports.planning import WHOLE, Plan, plan_export
from booth.handover.exports.receipt import Receipt, WrittenFile, digest_of, written_file
from booth.handover.exports.salesforce import SALESFORCE
from booth.handover.exports.target import Setting, Target
from booth.pack.starting import folder_for
from booth.people.copies import Copy
from booth.people.lead import Lead, SealedLead, Unopened, open_leads
from booth.people.office import Office
from booth.people.sealing import Opener
from booth.people.store import PeopleStore

TARGETS: dict[str, Target] = {each.name: each for each in (MARKETO, MARKETO_BULK, SALESFORCE, HUBSPOT, CSV)}
JSON = "json"
SEALED = "sealed"
FORMATS = (*TARGETS, JSON, SEALED)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An export in memory: its receipt, the files' bytes, and what is to be told. Nothing is written yet."""

    receipt: Receipt
    files: Mapping[str, bytes]
    plan: Plan | None
    unopened: tuple[Unopened, ...]
    leads: Mapping[str, int]


def prepare(
    people: PeopleStore,
    office: Office,
    *,
    target: str,
    openers: Sequence[Opener],
    marketing: str,
    at: datetime,
    by: str,
) -> Prepared:
    """Opens every lead and makes the files.

    Raises:
        BadInput: the keys open nothing, or nobody was ever asked for the marketing purpose.
        BoothBroken: a file would be refused by its importer.
    """
    sealed = office.exportable()
    leads, unopened = open_leads(sealed, openers)
    setting = _setting(people, leads, marketing)
    made_at = setting.iso(at.isoformat())
    erased = office.erased_since_copied()
    identity = secrets.token_hex(8)
    stem = _stem(people.show, made_at, identity)
    files: dict[str, tuple[bytes, int | None]] = {}
    plan = None if target == JSON else plan_export(TARGETS[target], leads, setting)
    if plan is not None:
        for name, content in plan.files.items():
            full = f"{target}-{name}" if name == "rejected" else name
            files[f"{stem}-{full}.csv"] = (content, plan.rows[name])
    files[f"{stem}-leads.json"] = (json_bytes(leads, setting, made_at, erased), len(leads))
    if erased:
        files[f"{stem}-erased.csv"] = (
            csv_bytes([["external_id"], *([each] for each in erased)]),
            len(erased),
        )
    told = tuple(written_file(name, content, rows) for name, (content, rows) in sorted(files.items()))
    problems = () if plan is None else plan.problems
    rejected = {each.external_id for each in problems if each.column == WHOLE}
    receipt = _receipt(
        people.show,
        by,
        identity=identity,
        target=target,
        made_at=made_at,
        files=told,
        leads=len(leads),
        opted_in=sum(each.agrees_to(marketing) for each in leads),
        rejected=len(rejected),
        incomplete=len({each.external_id for each in problems} - rejected),
        differing=sum(bool(each.differs) for each in leads),
        neutralised=0 if plan is None else len(plan.neutralised),
        unopened=len(unopened),
        erased=len(erased),
    )
    revisions = _revisions(sealed, leads)
    return Prepared(
        receipt, {name: content for name, (content, _) in files.items()}, plan, unopened, revisions
    )


def write(office: Office, prepared: Prepared, out: Path) -> Receipt:
    """Writes the files and the receipt; the receipt as written, with the audit log's head.

    Raises:
        BadInput: a file is there already.
        BoothBroken: the folder cannot be written. The log names the export all the same.
    """
    make_out(out)
    receipt = prepared.receipt
    own = _receipt_name(receipt)
    for name in (*prepared.files, own):
        if (out / name).exists():
            raise BadInput(f"{out / name} is there already; choose another --out")
    head = office.note_copy(_copy(receipt, prepared.leads), receipt.by)
    for name, content in prepared.files.items():
        _write(out / name, content)
    receipt = replace(receipt, audit_head=head)
    _write(out / own, receipt.content())
    return receipt


def write_sealed(people: PeopleStore, office: Office, out: Path, *, at: datetime, by: str) -> Receipt:
    """A copy of the whole store, sealed as it is: needs no key, and is a full copy off the machine all the same.

    Raises:
        as `write`.
    """
    make_out(out)
    setting = Setting(people.show, people.time_zone)
    made_at = setting.iso(at.isoformat())
    identity = secrets.token_hex(8)
    path = out / f"{_stem(people.show, made_at, identity)}-people.db"
    sealed = office.exportable()
    people.copy_sealed(path)
    content = path.read_bytes()
    told = (written_file(path.name, content, None),)
    receipt = _receipt(
        people.show, by, identity=identity, target=SEALED, made_at=made_at, files=told, leads=len(sealed)
    )
    leads = {each.external_id: each.revision for each in sealed}
    receipt = replace(receipt, audit_head=office.note_copy(_copy(receipt, leads), by))
    _write(out / _receipt_name(receipt), receipt.content())
    return receipt


def make_out(out: Path) -> None:
    """The folder to write to.

    Raises:
        BoothBroken: it cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BoothBroken(f"cannot create {out} ({error.strerror}); choose another --out") from error


def _setting(people: PeopleStore, leads: Sequence[Lead], marketing: str) -> Setting:
    purposes = sorted({purpose for lead in leads for purpose in lead.consents})
    questions = sorted({question for lead in leads for question in lead.answers})
    if purposes and marketing not in purposes:
        raise BadInput(f"nobody was asked for '{marketing}'; --marketing takes one of {', '.join(purposes)}")
    return Setting(people.show, people.time_zone, tuple(purposes), tuple(questions), marketing)


def _revisions(sealed: Sequence[SealedLead], leads: Sequence[Lead]) -> dict[str, int]:
    held = {each.external_id for each in leads}
    return {each.external_id: each.revision for each in sealed if each.external_id in held}


def _receipt(
    show: str,
    by: str,
    *,
    identity: str,
    target: str,
    made_at: str,
    files: tuple[WrittenFile, ...],
    **counts: int,
) -> Receipt:
    names = ("leads", "opted_in", "rejected", "incomplete", "differing", "neutralised", "unopened", "erased")
    return Receipt(
        receipt=identity,
        show=show,
        format=target,
        made_at=made_at,
        by=by,
        files=files,
        sha256=digest_of({each.name: each.sha256 for each in files}),
        audit_head="",
        **{name: counts.get(name, 0) for name in names},
    )


def _stem(show: str, made_at: str, identity: str) -> str:
    """What the names of an export's files begin with: the show, its day, and the receipt, so that none is written twice."""
    return f"{folder_for(show)}-{made_at[:10].replace('-', '')}-{identity}"


def _receipt_name(receipt: Receipt) -> str:
    return f"{_stem(receipt.show, receipt.made_at, receipt.receipt)}-receipt.json"


def _copy(receipt: Receipt, leads: Mapping[str, int]) -> Copy:
    names = tuple(each.name for each in receipt.files)
    return Copy(receipt.receipt, receipt.format, receipt.sha256, names, leads)


def _write(path: Path, content: bytes) -> None:
    """A new file for the owner alone, on the disk before this returns."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise BoothBroken(
            f"cannot write {path} ({error.strerror}); free some space or choose another --out, and delete what is there of"
            " this export"
        ) from error

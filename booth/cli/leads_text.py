"""What `pitboard booth leads` prints. No personal data: leads are ids, fields are names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from booth.handover.exports.receipt import Receipt
from booth.handover.exports.writing import Prepared
from booth.people.erasing import Erased
from booth.people.form import Counts

_MOST_TOLD = 20


def counts_text(show: str, day: date, counts: Counts, not_copied: int) -> str:
    """A day in numbers."""
    scans = ", ".join(f"{code} {number}" for code, number in counts.calls_to_action.items())
    lines = [
        f"{show}, {day}",
        f"  leads          {counts.leads}: {counts.qualified} qualified, {counts.consented} opted in",
        f"  of them played {counts.lead_players}",
        f"  in the draw    {counts.entries}",
        f"  scans          {scans or 'none'}",
        f"  not yet copied off this machine: {not_copied}",
    ]
    return "\n".join(lines)


def problems_of(prepared: Prepared) -> list[dict[str, str]]:
    """Every problem of an export, without the value."""
    plan = prepared.plan
    found = [
        {"lead": each.external_id, "column": each.column, "reason": each.reason}
        for each in (() if plan is None else plan.problems)
    ]
    return found + [
        {"lead": each.external_id, "column": "", "reason": each.why} for each in prepared.unopened
    ]


def export_text(receipt: Receipt, out: Path | None, prepared: Prepared | None) -> str:
    """What an export did, or in the sandbox would do."""
    done = "checked, nothing written" if out is None else f"written to {out}"
    lines = [f"{receipt.leads} leads of {receipt.show} for {receipt.format}: {done}"]
    lines += [
        f"  {each.name}   {'' if each.rows is None else f'{each.rows} rows, '}{each.bytes} bytes"
        for each in receipt.files
    ]
    for number, words in (
        (receipt.opted_in, "opted in"),
        (receipt.rejected, "leads the importer cannot take, in rejected.csv and leads.json"),
        (receipt.incomplete, "leads without a field the importer cannot take, in rejected.csv"),
        (
            receipt.differing,
            "leads whose earlier forms said otherwise, one person or two: see differs in leads.json",
        ),
        (receipt.neutralised, "cells that would have been formulas, now with an apostrophe in front"),
        (receipt.erased, "people erased since an earlier export, in erased.csv: erase them there too"),
        (receipt.unopened, "leads that do not open with this key, in no file"),
    ):
        if number:
            lines.append(f"  {words}: {number}")
    problems = [] if prepared is None else problems_of(prepared)
    lines += [f"  {each['lead']}  {each['column']}  {each['reason']}" for each in problems[:_MOST_TOLD]]
    if len(problems) > _MOST_TOLD:
        lines.append(f"  … and {len(problems) - _MOST_TOLD} more; --json tells them all")
    lines.append(f"  SHA-256 {receipt.sha256}")
    if out is not None:
        lines.append(
            f"next: take it off this machine, then 'pitboard booth leads handed-over {receipt.receipt} --by WHO'"
        )
    return "\n".join(lines)


def erased_text(gone: Sequence[Erased]) -> str:
    """What an erasure did, and what is left to do elsewhere."""
    lines = [f"erased {each.person or 'a player without a contact'}" for each in gone]
    lines += _copies(gone)
    return "\n".join(lines)


def _copies(gone: Iterable[Erased]) -> list[str]:
    held = {copy.receipt: copy for each in gone for copy in each.copies}
    if not held:
        return ["no earlier export holds them"]
    return [
        "earlier exports hold them still; have them erased there too:",
        *(
            f"  {copy.at[:16]}  {', '.join(copy.files)}  {f'taken by {copy.by}' if copy.by else 'not handed over'}"
            for copy in held.values()
        ),
    ]

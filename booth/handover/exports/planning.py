"""Makes the files of an export in memory: what goes in, what cannot and why, and the check of each file as its importer would
read it. Pure; nothing is written here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from booth.errors import BoothBroken
from booth.handover.exports.cells import csv_bytes, csv_rows, harmless, has_controls, is_formula
from booth.handover.exports.target import Column, Setting, Target, headers
from booth.people.contact import Contact
from booth.people.lead import Lead

WHOLE = "(the lead)"
"""A problem's column when the target cannot take the lead at all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a target cannot take of a lead: a field, which stays empty there, or the whole of it."""

    external_id: str
    column: str
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """An export, ready to be written. `files` by the end of their name; `rows` of data in each. `neutralised`: cells that
    were given an apostrophe, by lead and column."""

    files: Mapping[str, bytes]
    rows: Mapping[str, int]
    problems: tuple[Problem, ...]
    neutralised: tuple[tuple[str, str], ...]


def plan_export(target: Target, leads: Sequence[Lead], setting: Setting) -> Plan:
    """The files of these leads for a target.

    Raises:
        BoothBroken: a file does not stand its own check; a defect of pitboard's, and nothing may be written.
    """
    columns = target.columns(setting)
    problems: list[Problem] = []
    neutralised: list[tuple[str, str]] = []
    groups: dict[str, list[list[str]]] = {}
    seen: dict[str, set[str]] = {each.header: set() for each in columns if each.is_unique}
    for lead in leads:
        cells, wrong = _cells(target, columns, lead, setting, seen)
        problems += wrong
        if any(each.column == WHOLE for each in wrong):
            continue
        text = [column.is_text and is_formula(cell) for column, cell in zip(columns, cells, strict=True)]
        neutralised += [
            (lead.external_id, column.header)
            for column, changed in zip(columns, text, strict=True)
            if changed
        ]
        row = [
            harmless(cell) if column.is_text else cell for column, cell in zip(columns, cells, strict=True)
        ]
        groups.setdefault(target.split(lead, setting), []).append(row)
    files, rows = _parts(target, columns, groups)
    for name, content in files.items():
        check_file(target, columns, content, name)
    if problems:
        files["rejected"] = _rejected(problems, leads)
        rows["rejected"] = len(problems)
    return Plan(files, rows, tuple(problems), tuple(neutralised))


def _cells(
    target: Target, columns: Sequence[Column], lead: Lead, setting: Setting, seen: dict[str, set[str]]
) -> tuple[list[str], list[Problem]]:
    """A row, and what is wrong with it. A cell that the target cannot take is empty in it."""
    cells: list[str] = []
    problems: list[Problem] = []
    for column in columns:
        cell = column.cell(lead, setting)
        reason = _refusal(target, column, cell)
        if reason is not None:
            problems.append(Problem(lead.external_id, column.header, reason, cell))
            cell = ""
        cells.append(cell)
    held = dict(zip(headers(columns), cells, strict=True))
    if any(not any(held[header] for header in group) for group in target.needs):
        problems.append(Problem(lead.external_id, WHOLE, target.why_needed))
        return cells, problems
    for header, taken in seen.items():
        key = held[header].casefold()
        if key and key in taken:
            reason = f"another lead in this file has the same {header}"
            problems.append(Problem(lead.external_id, WHOLE, reason, held[header]))
        elif key:
            taken.add(key)
    return cells, problems


def _refusal(target: Target, column: Column, cell: str) -> str | None:
    if column.is_ascii and not cell.isascii():
        return f"{target.title} takes ASCII only in {column.header}"
    if column.most is not None and len(harmless(cell) if column.is_text else cell) > column.most:
        return f"{target.title} takes {column.most} characters in {column.header}, and this has {len(cell)}"
    if target.needs and has_controls(cell):
        return f"control characters in {column.header}"
    return None


def _parts(
    target: Target, columns: Sequence[Column], groups: Mapping[str, Sequence[Sequence[str]]]
) -> tuple[dict[str, bytes], dict[str, int]]:
    """The files: one a group, or numbered ones where the target's limits ask for several."""
    files: dict[str, bytes] = {}
    rows: dict[str, int] = {}
    head = csv_bytes([headers(columns)])
    for word, group in sorted(groups.items()) or [("", [])]:
        parts = list(_by_size(target, len(head), group))
        for number, part in enumerate(parts, 1):
            name = "-".join(
                each for each in (target.name, word, str(number) if len(parts) > 1 else "") if each
            )
            files[name] = head + csv_bytes(part)
            rows[name] = len(part)
    return files, rows


def _by_size(target: Target, head: int, group: Sequence[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    part: list[Sequence[str]] = []
    size = head
    for row in group:
        more = len(csv_bytes([row]))
        is_full = target.most_bytes is not None and size + more >= target.most_bytes
        if part and (is_full or len(part) == target.most_rows):
            yield part
            part, size = [], head
        part.append(row)
        size += more
    yield part


def check_file(target: Target, columns: Sequence[Column], content: bytes, name: str) -> None:
    """Reads a file back and holds it against the target's rules.

    Raises:
        BoothBroken: the first rule it breaks.
    """
    wrong = _broken_rule(target, columns, content)
    if wrong is not None:
        raise BoothBroken(
            f"the export '{name}' for {target.title} would be refused: {wrong}; nothing was written. Take --format"
            " json, and report this"
        )


def _broken_rule(target: Target, columns: Sequence[Column], content: bytes) -> str | None:
    try:
        head, *rows = csv_rows(content)
    except (ValueError, csv.Error) as error:
        return f"it is no CSV in UTF-8 ({error})"
    limits = (
        (target.most_bytes, len(content) + 1, "bytes"),
        (target.most_rows, len(rows), "rows"),
        (target.most_columns, len(head), "columns"),
    )
    for most, count, what in limits:
        if most is not None and count > most:
            return f"it has too many {what}"
    if head != headers(columns) or len(set(head)) != len(head):
        return "its headers are not the target's"
    unique: dict[str, set[str]] = {each.header: set() for each in columns if each.is_unique}
    checked = ((number, _broken_row(target, columns, row, unique)) for number, row in enumerate(rows, 2))
    return next((f"row {number}: {wrong}" for number, wrong in checked if wrong is not None), None)


def _broken_row(
    target: Target, columns: Sequence[Column], row: Sequence[str], unique: dict[str, set[str]]
) -> str | None:
    if len(row) != len(columns):
        return f"{len(row)} cells"
    for column, cell in zip(columns, row, strict=True):
        if is_formula(cell) and not (not column.is_text and _is_number(cell)):
            return f"a formula in {column.header}"
        if _refusal(
            target, Column(column.header, column.cell, column.most, column.is_ascii, is_text=False), cell
        ):
            return f"{column.header} is not what it takes"
        if column.is_unique and cell:
            if cell.casefold() in unique[column.header]:
                return f"{column.header} is there twice"
            unique[column.header].add(cell.casefold())
    held = dict(zip(headers(columns), row, strict=True))
    if any(not any(held[header] for header in group) for group in target.needs):
        return "a required field is empty"
    return None


def _is_number(cell: str) -> bool:
    """An E.164 number: + and digits, which a spreadsheet may take for a number but never runs."""
    return cell[:1] == "+" and cell[1:].isdecimal() and cell.isascii()


def _rejected(problems: Sequence[Problem], leads: Sequence[Lead]) -> bytes:
    by_id = {each.external_id: each for each in leads}
    fields = [*Contact().to_json()]
    rows = [["external_id", "column", "reason", "value", *fields, "note"]]
    for each in problems:
        lead = by_id[each.external_id]
        contact = lead.contact.to_json()
        cells = [each.external_id, each.column, each.reason, each.value]
        cells += [*(contact[field] for field in fields), lead.note]
        rows.append([cell if _is_number(cell) else harmless(cell) for cell in cells])
    return csv_bytes(rows)

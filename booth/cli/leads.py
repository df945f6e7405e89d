"""`pitboard booth leads`: count, export, hand over, erase, and who did what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from booth.cli.leads_desk import Desk, at_the_desk
from booth.cli.leads_text import counts_text, erased_text, export_text, problems_of
from booth.errors import BadInput
from booth.handover.exports.receipt import read_receipt
from booth.handover.exports.writing import FORMATS, SEALED, prepare, write, write_sealed
from booth.people.consent import MARKETING
from booth.people.contact import Contact, read_contact
from booth.people.erasing import Erased
from booth.people.lead import open_leads
from booth.people.sealing import Opener, read_key

_KEY = click.option(
    "--key",
    "key_files",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Private key file; again after a change of keys.",
)
_TELEPHONE = "Telephone number, with + and the country or as dialled in the show's."


@click.group()
def leads() -> None:
    r"""What visitors left: count it, export it, hand it over, erase it.

    Contact details are sealed. 'export' and 'who' open them with the private key; nothing else can.

    \b
    Examples:
      pitboard booth leads count
      pitboard booth leads export --key /media/stick/fair.key --format marketo --out /media/stick
      pitboard booth leads handed-over /media/stick/fair-20261123-0123456789abcdef-receipt.json --by AS
      pitboard booth leads erase --email ann@example.com
    """


@leads.command()
@click.option("--day", metavar="DAY", help="A day, e.g. 2026-11-23 [default: today].")
@at_the_desk
def count(desk: Desk, day: str | None) -> None:
    r"""A day in numbers, and how many leads are on this machine alone. Needs no key.

    \b
    Examples:
      pitboard booth leads count
      pitboard booth leads count --day 2026-11-23 --json
    """
    try:
        asked = desk.people.today() if day is None else date.fromisoformat(day)
    except ValueError as error:
        raise BadInput(f"--day takes a day such as 2026-11-23, not '{day}'") from error
    counts = desk.people.counts(asked)
    waiting = desk.people.not_copied()
    body = {"day": asked.isoformat(), "not_copied": waiting, "counts": asdict(counts)}
    desk.tell(body, counts_text(desk.people.show, asked, counts, waiting))


@leads.command()
@_KEY
@click.option(
    "--format", "target", type=click.Choice(FORMATS), required=True, help="For whom; 'sealed' needs no key."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to, off this machine."
)
@click.option(
    "--marketing",
    default=MARKETING,
    show_default=True,
    metavar="PURPOSE",
    help="The consent that opts somebody in.",
)
@click.option("--sandbox", is_flag=True, help="Check everything and write nothing, not even to the log.")
@at_the_desk
def export(
    desk: Desk, *, key_files: Sequence[Path], target: str, out: Path | None, marketing: str, sandbox: bool
) -> int:
    r"""Write the leads for an importer, each file checked against its documented rules first.

    Beside the importer's files lie leads.json with everything, rejected.csv with what the importer cannot take and why,
    erased.csv with the ids of people to erase downstream, and a receipt. Leads count as copied off this machine only
    after 'handed-over'. Exits 1 when some leads do not open with the key.

    \b
    Examples:
      pitboard booth leads export --key fair.key --format marketo --sandbox
      pitboard booth leads export --key fair.key --format salesforce --out /media/stick
      pitboard booth leads export --format sealed --out /media/stick
    """
    if sandbox == (out is not None):
        raise BadInput("say where to write with --out, or check only with --sandbox")
    if out is not None and out.resolve().is_relative_to(desk.keep_out):
        raise BadInput(
            f"{out} lies beside the sealed leads in {desk.keep_out}; name a folder off this machine"
        )
    if target == SEALED:
        if out is None:
            raise BadInput("a sealed copy has nothing to check; name a folder with --out")
        receipt = write_sealed(desk.people, desk.office, out, at=desk.now, by=desk.by)
        desk.tell(asdict(receipt), export_text(receipt, out, None))
        return 0
    prepared = prepare(
        desk.people,
        desk.office,
        target=target,
        openers=_openers(key_files),
        marketing=marketing,
        at=desk.now,
        by=desk.by,
    )
    receipt = prepared.receipt if out is None else write(desk.office, prepared, out)
    body = {**asdict(receipt), "is_sandbox": sandbox, "problems": problems_of(prepared)}
    desk.tell(body, export_text(receipt, out, prepared))
    return 1 if prepared.unopened else 0


@leads.command("handed-over")
@click.argument("receipt")
@at_the_desk
def handed_over(desk: Desk, receipt: str) -> None:
    r"""Say that an export was taken off this machine; its leads count as copied from now on.

    RECEIPT is the receipt's file, whose neighbours are then compared with it, or its id. --by says who took it.

    \b
    Examples:
      pitboard booth leads handed-over /media/stick/fair-20261123-0123456789abcdef-receipt.json --by AS
    """
    path = Path(receipt)
    identity, digest = read_receipt(path) if path.suffix == ".json" else (receipt, None)
    taken = desk.office.copied(identity, desk.by, digest)
    waiting = desk.people.not_copied()
    erased = desk.office.erased_since_copied(identity)
    text = f"{taken} leads handed over to {desk.by}; {waiting} not yet copied off this machine"
    if erased:
        text += "\nerased since it was written, and to be erased there too: " + ", ".join(erased)
    body = {"receipt": identity, "leads": taken, "by": desk.by, "not_copied": waiting, "erased": list(erased)}
    desk.tell(body, text)


@leads.command()
@_KEY
@click.argument("ticket")
@at_the_desk
def who(desk: Desk, *, key_files: Sequence[Path], ticket: str) -> None:
    r"""Whose ticket it is, to reach the winner of the draw. The log says that somebody looked.

    \b
    Examples:
      pitboard booth leads who K7Q2-23 --key /media/stick/fair.key --by AS
    """
    sealed = desk.office.exportable(ticket=ticket)
    found, _ = open_leads(sealed, _openers(key_files))
    desk.office.note_reading({"ticket": ticket.strip().upper()[:40]}, desk.by)
    contact = found[0].contact.to_json()
    desk.tell(contact, "\n".join(f"{field:16}{value!r}" for field, value in contact.items() if value))


@leads.command()
@click.option("--email", default="", help="E-mail address.")
@click.option("--phone", default="", help=_TELEPHONE)
@click.option("--ticket", help="Code of a ticket of the draw.")
@click.option("--player", help="Opaque id of a player.")
@click.option("--id", "external_id", help="The external id that an export carries.")
@at_the_desk
def erase(
    desk: Desk, *, email: str, phone: str, ticket: str | None, player: str | None, external_id: str | None
) -> None:
    r"""Erase a person: contact, nickname, consents, answers. Their ticket stays, as a code of nobody.

    Says which earlier exports hold the person still, and who took them.

    \b
    Examples:
      pitboard booth leads erase --email ann@example.com --by AS
      pitboard booth leads erase --ticket K7Q2-23
    """
    ways: list[tuple[str | None, Callable[[str], Erased]]] = [
        (email or phone, lambda _: desk.office.erase(_contact(desk, email, phone), desk.by)),
        (ticket, lambda code: desk.office.erase_ticket(code, desk.by)),
        (player, lambda one: desk.office.erase_player(one, desk.by)),
        (external_id, lambda one: desk.office.erase_id(one, desk.by)),
    ]
    named = [(value, way) for value, way in ways if value]
    if len(named) != 1:
        raise BadInput("name one person, with --email or --phone, --ticket, --player or --id")
    value, way = named[0]
    assert value is not None
    gone = way(value)
    desk.tell({"person": gone.person, "copies": [asdict(each) for each in gone.copies]}, erased_text((gone,)))


@leads.command()
@click.option("--email", default="", help="E-mail address.")
@click.option("--phone", default="", help=_TELEPHONE)
@click.option("--purpose", default=MARKETING, show_default=True, help="What they agreed to.")
@at_the_desk
def withdraw(desk: Desk, *, email: str, phone: str, purpose: str) -> None:
    r"""Take a consent back; everything else of the person stays.

    \b
    Examples:
      pitboard booth leads withdraw --email ann@example.com
    """
    desk.office.withdraw(_contact(desk, email, phone), purpose, desk.by)
    desk.tell({"purpose": purpose}, f"the consent to '{purpose}' is taken back, and counts as not yet copied")


@leads.command()
@click.option(
    "--days", type=click.IntRange(0), help="Older than this [default: the pack's retention_days, else 90]."
)
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@at_the_desk
def purge(desk: Desk, *, days: int | None, dry_run: bool) -> None:
    r"""Erase everybody of whom nothing new came for longer than the show's retention.

    \b
    Examples:
      pitboard booth leads purge --show fair/show.toml --dry-run
      pitboard booth leads purge --days 30
    """
    usual = 90 if desk.pack is None else desk.pack.leads.retention_days
    kept = usual if days is None else days
    if dry_run:
        due = desk.office.expired(kept)
        desk.tell({"days": kept, "due": list(due)}, f"{len(due)} people are older than {kept} days")
        return
    gone = desk.office.purge(kept, desk.by)
    body = {"days": kept, "erased": [each.person for each in gone]}
    desk.tell(body, f"{len(gone)} people were older than {kept} days\n{erased_text(gone)}")


@leads.command()
@at_the_desk
def scrub(desk: Desk) -> None:
    r"""Overwrite what was erased, when an erasure said that another program was reading.

    \b
    Examples:
      pitboard booth leads scrub
    """
    desk.people.scrub()
    desk.tell({"scrubbed": True}, "what was erased is out of the file")


@leads.group()
def audit() -> None:
    r"""The log of who did what with people's data.

    \b
    Examples:
      pitboard booth leads audit verify
    """


@audit.command()
@click.option("--head", metavar="HASH", help="The hash that a receipt tells; it must be in the log.")
@at_the_desk
def verify(desk: Desk, head: str | None) -> int:
    r"""Recompute the log's chain; exit 1 and the first bad entry when it is not as it was written.

    \b
    Examples:
      pitboard booth leads audit verify
      pitboard booth leads audit verify --head 6ce1e877ed3d…
    """
    count, broken = desk.office.audit(head)
    body = {
        "entries": count,
        "head": desk.office.audit_head(),
        "broken": None if broken is None else asdict(broken),
    }
    good = f"{count} entries, each as it was written; the last has the hash {body['head']}"
    desk.tell(body, good if broken is None else f"the log is broken: {broken.why}")
    return 0 if broken is None else 1


def _contact(desk: Desk, email: str, phone: str) -> Contact:
    return read_contact({"email": email, "phone": phone}, region=desk.region)


def _openers(key_files: Sequence[Path]) -> list[Opener]:
    if not key_files:
        raise BadInput("contact details are sealed; name the private key with --key")
    return [read_key(each) for each in key_files]

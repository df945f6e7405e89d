"""`pitboard booth draw verify` and `check-ticket`: for anybody, with nothing but the bundle."""

from __future__ import annotations

import json
from pathlib import Path

import click

from booth.draw.ceremony import Ceremony
from booth.draw.folders import read_bundle
from booth.draw.reasons import STRIKE_WORDS
from booth.draw.rebuild import Spoilt
from booth.draw.verify import NOTHING_PUBLISHED, Published, Statement, Verification
from booth.draw.verify import verify as verified


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path, exists=True))
@click.option("--id", "identity", help="The bundle id that was shown on the stage.")
@click.option("--list", "list_sha256", help="The list's SHA-256 that was shown at the freeze.")
@click.option("--declaration", "declaration_sha256", help="The declaration's SHA-256 that was shown before.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(
    *,
    bundle: Path,
    identity: str | None,
    list_sha256: str | None,
    declaration_sha256: str | None,
    as_json: bool,
) -> int:
    r"""Recompute a draw from its BUNDLE, a .zip or a folder; needs nothing else, neither home nor show.

    Exits 0 when everything holds, 1 with the file and what is wrong in it when not. A bundle made up from beginning to
    end is found out only by the hashes that were public: compare them by eye, or give them.

    \b
    Examples:
      pitboard booth draw verify draw-2026-11-22.zip
      pitboard booth draw verify draw-2026-11-22.zip --json
    """
    checked = _checked(bundle, Published(identity, list_sha256, declaration_sha256))
    if as_json:
        click.echo(json.dumps(_document(checked), indent=2, ensure_ascii=False))
    else:
        _print(bundle, checked)
    return 0 if checked.is_good else 1


@click.command("check-ticket")
@click.argument("code")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_ticket(*, code: str, bundle: Path, as_json: bool) -> int:
    r"""Was this ticket in the draw? Exits 0 when it was, 1 when it was not, or when the bundle does not hold.

    \b
    Examples:
      pitboard booth draw check-ticket K7Q2-01 draw-2026-11-22.zip
    """
    checked = _checked(bundle, NOTHING_PUBLISHED)
    wanted = code.strip().upper()
    if checked.ceremony is None or not checked.is_good:
        is_in, words = False, f"the bundle does not hold: 'pitboard booth draw verify {bundle}' says where"
    else:
        is_in, words = _place(wanted, checked.ceremony)
    if as_json:
        click.echo(json.dumps({"code": wanted, "is_in": is_in, "words": words}))
    else:
        click.echo(words)
    return 0 if is_in else 1


def _checked(bundle: Path, published: Published) -> Verification:
    try:
        return verified(read_bundle(bundle), published)
    except Spoilt as error:
        statement = Statement(error.file, "the bundle can be unpacked", error.sentence)
        return Verification((statement,), "", None)


def _place(code: str, ceremony: Ceremony) -> tuple[bool, str]:
    frozen = ceremony.frozen
    if frozen is None:
        return False, "no list was frozen in this draw"
    if code in frozen.struck:
        return False, f"{code} was struck out: {STRIKE_WORDS[frozen.struck[code]]}"
    if code not in frozen.codes:
        return False, f"{code} is not in the list; ask at the stand with the ticket"
    place = f"{code} was in the draw: number {frozen.codes.index(code) + 1} of {len(frozen.codes)}"
    rank = next((pick.rank for pick in ceremony.picks if ceremony.code(pick.rank) == code), None)
    return True, place if rank is None else f"{place}, and was drawn as rank {rank}"


def _print(bundle: Path, checked: Verification) -> None:
    for each in checked.statements:
        click.echo(f"{'ok ' if each.fault is None else 'BAD'}  {each.file}: {each.fault or each.words}")
        if each.fault is not None:
            click.echo(f"     so this does not hold: {each.words}")
    for words in checked.not_checked:
        click.echo(f"--   not checked: {words}")
    if checked.bundle_id:
        click.echo(f"bundle id {checked.bundle_id}")
    end = "the draw holds; compare the id and the list's SHA-256 with what was on the stage"
    click.echo(f"{bundle.resolve().name}: {end if checked.is_good else 'the draw does NOT hold'}")


def _document(checked: Verification) -> dict[str, object]:
    return {
        "is_good": checked.is_good,
        "bundle_id": checked.bundle_id,
        "statements": [
            {"file": each.file, "words": each.words, "fault": each.fault} for each in checked.statements
        ],
        "not_checked": list(checked.not_checked),
    }

"""A bundle proves its draw alone, and one changed byte anywhere is found, with the file it is in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booth.draw.acts import Announce, Correct, Decide, Declare, Freeze, Redeclare, Run, Throw, Void
from booth.draw.bundle import MANIFEST, bundle_id, bundled, files_of, manifest_of
from booth.draw.canonical import written
from booth.draw.errors import Refused
from booth.draw.folders import packed, read_bundle, unpacked
from booth.draw.reasons import Change, Correction, Outcome, Reason, VoidReason
from booth.draw.rebuild import Spoilt, ceremony_of
from booth.draw.rfc3797 import ranking
from booth.draw.sources import all_sources
from booth.draw.verify import NOTHING_PUBLISHED, Published, verify
from booth.errors import BadInput
from tests.booth.draw.draws import (
    CODES,
    SECRET,
    STAFF,
    TO_RANKING,
    declaration,
    done,
    drand_draw,
    whole_draw,
)

WHOLE = bundled(whole_draw())
DRAND = bundled(drand_draw())
SMALL = bundled(
    done(
        Declare(declaration(dice_at_least=1)),
        Freeze(CODES[:2], {}),
        Throw((4,)),
        Run(SECRET.hex(), "1"),
        Announce(),
        Decide(Outcome.CLAIMED, Reason.CAME),
    )
)
PLACES = [(name, at) for name, content in SMALL.items() for at in range(len(content))]
CANNOT_BE_FORGED = ("declaration-1.json", "list-1.txt", "list-2.txt", "ranking.json")


def changed(files, name, at, value):
    content = bytearray(files[name])
    content[at] ^= value
    return {**files, name: bytes(content)}


def faults(files, published=NOTHING_PUBLISHED):
    return [each for each in verify(files, published).statements if each.fault is not None]


@pytest.mark.parametrize("files", [WHOLE, DRAND, SMALL], ids=["dice", "drand", "small"])
def test_a_good_bundle_is_good(files):
    checked = verify(files)
    assert checked.is_good, checked.statements
    assert checked.bundle_id == bundle_id(files)
    assert bundled(checked.ceremony) == files


def test_what_is_not_checked_is_said():
    assert "BLS signature of drand round 657413" in verify(DRAND).not_checked[0]
    assert verify(WHOLE).not_checked == ()


def test_every_single_byte_matters_and_the_file_is_named():
    for name, at in PLACES:
        found = faults(changed(SMALL, name, at, 1))
        assert found, (name, at)
        assert name in found[0].file + found[0].fault, (name, at, found[0])


@pytest.mark.nightly
@pytest.mark.parametrize("value", [0x20, 0x80, 0x02, 0xFF])
@pytest.mark.parametrize("files", [WHOLE, DRAND], ids=["dice", "drand"])
def test_every_single_byte_matters_whatever_it_becomes(files, value):
    for name, content in files.items():
        for at in range(len(content)):
            found = faults(changed(files, name, at, value))
            assert found, (name, at)
            assert name in found[0].file + found[0].fault, (name, at, found[0])


@given(st.data())
def test_with_the_manifest_made_to_match_the_draw_itself_still_tells(data):
    name = data.draw(st.sampled_from(CANNOT_BE_FORGED))
    at = data.draw(st.integers(0, len(WHOLE[name]) - 1))
    forged = changed(WHOLE, name, at, data.draw(st.integers(1, 255)))
    del forged[MANIFEST]
    forged[MANIFEST] = manifest_of(forged)
    found = faults(forged)
    assert found
    assert found[0].words == "the draw, done again, gives the same files"


def test_a_bundle_made_up_whole_is_found_by_what_was_published():
    other = bundled(done(*TO_RANKING[:1], Void(VoidReason.CALLED_OFF, SECRET.hex())))
    assert verify(other).is_good
    real = verify(WHOLE)
    published = Published(real.bundle_id, real.ceremony.frozen.sha256, real.ceremony.declaration.sha256)
    assert verify(WHOLE, published).is_good
    assert [each.words for each in faults(other, published)] == [
        "the bundle id is the one that was published",
        "the list's SHA-256 is the one that was published",
    ]
    assert "published was" in faults(WHOLE, Published(declaration_sha256="00"))[0].fault


def edited(name, change):
    """The whole draw with one file's JSON changed, written canonically, its manifest made to match."""
    body = json.loads(WHOLE[name])
    change(body)
    files = {**WHOLE, name: written(body)}
    del files[MANIFEST]
    return {**files, MANIFEST: manifest_of(files)}


@pytest.mark.parametrize(
    ("name", "change", "file", "fault"),
    [
        ("freeze-1.json", lambda b: b.update(at="2026-11-22T16:29:59Z"), "freeze-1.json", "entries close"),
        ("freeze-1.json", lambda b: b.pop("struck"), "freeze-1.json", "something is missing"),
        ("freeze-1.json", lambda b: b.update(struck=[]), "freeze-1.json", "of the wrong kind"),
        ("freeze-1.json", lambda b: b.update(at=5), "freeze-1.json", "of the wrong kind"),
        ("freeze-1.json", lambda b: b.update(at="noon"), "freeze-1.json", "none of what it can be"),
        ("freeze-1.json", lambda b: b.update(tickets=8), "freeze-1.json", "recomputed"),
        ("freeze-2.json", lambda b: b.update(why=None), "freeze-2.json", "without a reason"),
        ("freeze-2.json", lambda b: b.update(note="x"), "freeze-2.json", "recomputed"),
        ("freeze-2.json", lambda b: b["struck"].update({"Z9PM-03": "ugly"}), "freeze-2.json", "'ugly'"),
        ("declared.json", lambda b: b.update(declared=[]), "declared.json", "nothing was ever declared"),
        ("declared.json", lambda b: b["declared"].append(b["declared"][0]), "declaration-2.json", "missing"),
        ("sources.json", lambda b: b["throws"].append(3), "sources.json", "recomputed"),
        ("sources.json", lambda b: b["run"].update(secret="00" * 32), "sources.json", "not the secret"),
        ("sources.json", lambda b: b["entered"][0].update(throws=[7]), "sources.json", "throw 1 is 7"),
        ("sources.json", lambda b: b["entered"][0].update(throws=["3"]), "sources.json", "wrong kind"),
        ("sources.json", lambda b: b["entered"][1]["corrected"].pop("value"), "sources.json", "'value' is missing"),
        ("sources.json", lambda b: b["run"].pop("software"), "sources.json", "something is missing"),
        ("ranking.json", lambda b: b["ranks"].reverse(), "ranking.json", "recomputed"),
        ("decisions.json", lambda b: b["decisions"].pop(0), "decisions.json", "must be announced"),
        ("decisions.json", lambda b: b.update(phase="void"), "decisions.json", "recomputed"),
        ("declaration-1.json", lambda b: b.update(prize="a car"), "declaration-1.json", "declared.json says"),
    ],
)  # fmt: skip
def test_what_cannot_have_been_is_said_with_its_file(name, change, file, fault):
    (found,) = faults(edited(name, change))
    assert found.file == file
    assert fault in found.fault


def without(files, *names):
    left = {name: content for name, content in files.items() if name not in names}
    return {**left, MANIFEST: manifest_of({name: left[name] for name in left if name != MANIFEST})}


def test_a_missing_file_or_one_too_many_is_named():
    assert faults(without(WHOLE, "list-1.txt"))[0].file == "list-1.txt"
    assert faults(without(WHOLE, "ranking.json"))[0].fault == "the file is missing"
    assert faults(without({**WHOLE, "notes.txt": b"x"}))[0].fault == "the file does not belong to this draw"
    gone = {name: content for name, content in WHOLE.items() if name != "list-1.txt"}
    assert faults(gone)[0].fault == "manifest.json names it, and it is not there"
    assert faults({**WHOLE, "notes.txt": b"x"})[0].fault == "manifest.json does not name it"
    assert faults({})[0].file == MANIFEST
    assert faults(without(WHOLE, *WHOLE))[0].file == "declared.json"


@pytest.mark.parametrize(
    "manifest", [b"", b"[]\n", b"\xff", written({"files": {}}), written({"files": [], "format": "x"})]
)
def test_another_manifest_is_refused(manifest):
    assert faults({**WHOLE, MANIFEST: manifest})[0].file == MANIFEST


def test_a_declaration_changed_before_the_freeze_stays_in_the_bundle():
    again = declaration(dice_at_least=2)
    draw = done(
        Declare(declaration()), Redeclare(again, Change.SOURCE), Void(VoidReason.CALLED_OFF, SECRET.hex())
    )
    checked = verify(bundled(draw))
    assert checked.is_good
    assert "again: another source of randomness" in checked.statements[2].words
    body = json.loads(files_of(draw)["declared.json"])
    body["declared"][1]["why"] = None
    with pytest.raises(Spoilt, match="declaration 2 has no reason"):
        ceremony_of({**files_of(draw), "declared.json": written(body)})


def test_a_void_draw_shows_what_it_would_have_drawn():
    draw = done(*TO_RANKING[:-1], Void(VoidReason.CALLED_OFF, SECRET.hex()))
    checked = verify(bundled(draw))
    assert checked.is_good
    assert checked.statements[-1].words == "the draw is void: the draw was called off"
    sources = all_sources(SECRET, draw.throws, None)
    assert ranking(6, 6, sources) == done(*TO_RANKING).picks
    with pytest.raises(Refused, match="not the secret of this draw"):
        done(*TO_RANKING[:-1], Void(VoidReason.CALLED_OFF, "33" * 32))


def test_equal_draws_give_equal_bundles_whatever_order_tickets_came_in():
    one = done(Declare(declaration()), Freeze(CODES, STAFF), Correct(CODES, {}, Correction.WRONGLY_OUT))
    other = done(
        Declare(declaration()), Freeze(CODES[::-1], STAFF), Correct(CODES[::-1], {}, Correction.WRONGLY_OUT)
    )
    assert packed(bundled(one)) == packed(bundled(other))


def test_a_bundle_holds_no_free_text_of_the_crew():
    with pytest.raises(Refused):
        done(Declare(declaration()), Freeze(("ANN LEE",), {}))


def test_a_zip_is_read_as_it_was_packed(tmp_path):
    (tmp_path / "draw.zip").write_bytes(packed(WHOLE))
    assert read_bundle(tmp_path / "draw.zip") == WHOLE
    folder = tmp_path / "draw"
    folder.mkdir()
    for name, content in WHOLE.items():
        (folder / name).write_bytes(content)
    assert read_bundle(folder) == WHOLE
    with pytest.raises(BadInput, match="cannot read the bundle"):
        read_bundle(tmp_path / "none.zip")


def test_every_byte_of_the_zip_matters():
    content = packed(SMALL)
    for at in range(len(content)):
        for value in (1, 0x80):
            spoilt = bytearray(content)
            spoilt[at] ^= value
            with pytest.raises(Spoilt, match=r"draw\.zip"):
                unpacked(bytes(spoilt), "draw.zip")


@pytest.mark.parametrize("cut", [0, 1, 22, 400])
def test_a_zip_cut_short_or_with_more_behind_it_is_refused(cut):
    for content in (packed(SMALL)[:cut], packed(SMALL) + b"x" * (cut + 1)):
        with pytest.raises(Spoilt):
            unpacked(content, "draw.zip")


def test_damage_inside_a_zip_names_the_file_in_it():
    content = bytearray(packed(SMALL))
    content[content.index(b"K7Q2-01")] ^= 1
    with pytest.raises(Spoilt, match=r"draw\.zip, list-1\.txt"):
        unpacked(bytes(content), "draw.zip")

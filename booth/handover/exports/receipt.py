"""The receipt of an export: what was written, for whoever takes it away. No personal data.

`sha256` is over the lines `<sha256>  <name>` of its files in order of name, as `sha256sum` prints them; whoever has the files
can recompute it: `sha256sum FILES | sha256sum`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from booth.errors import BadInput


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file: `rows` of data, None where that has no meaning."""

    name: str
    sha256: str
    bytes: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One export. `rejected` leads are in no file of the importer's, `incomplete` lack a field there; both are in full
    beside it. `differing` leads gave other values on earlier forms, which leads.json has. `neutralised`: cells that would have been formulas. `unopened`: leads the key does not open, which are in no
    file. `audit_head` is the hash of the audit log's last entry, to hold `leads audit verify` against later; "" when nothing
    was written."""

    receipt: str
    show: str
    format: str
    made_at: str
    by: str
    leads: int
    opted_in: int
    rejected: int
    incomplete: int
    differing: int
    neutralised: int
    unopened: int
    erased: int
    files: tuple[WrittenFile, ...]
    sha256: str
    audit_head: str

    def content(self) -> bytes:
        """The receipt's own file."""
        return (json.dumps(asdict(self), indent=2) + "\n").encode()


def digest_of(files: Mapping[str, str]) -> str:
    """The SHA-256 over files, each a name and its own SHA-256."""
    lines = "".join(f"{files[name]}  {name}\n" for name in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def written_file(name: str, content: bytes, rows: int | None) -> WrittenFile:
    """What the receipt says of a file."""
    return WrittenFile(name, hashlib.sha256(content).hexdigest(), len(content), rows)


def read_receipt(path: Path) -> tuple[str, str]:
    """The receipt's id and SHA-256, from its file, when the files beside it are still those.

    Raises:
        BadInput: it is no receipt, or a file beside it is missing or was changed.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        identity, files = (
            str(body["receipt"]),
            {str(each["name"]): str(each["sha256"]) for each in body["files"]},
        )
    except OSError as error:
        raise BadInput(f"cannot read the receipt {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is no receipt of an export; it ends in -receipt.json") from error
    for name, sha256 in files.items():
        beside = path.parent / Path(name).name
        try:
            found = hashlib.sha256(beside.read_bytes()).hexdigest()
        except OSError as error:
            raise BadInput(f"cannot read {beside}, which the receipt names: {error.strerror}") from error
        if found != sha256:
            raise BadInput(f"{beside} is not what was exported; copy it again")
    return identity, digest_of(files)

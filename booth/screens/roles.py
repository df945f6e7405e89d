"""Who is asking: the crew and IT by PIN, a player by the token their phone got when it joined. Signed cookies.

A cookie is bound to the PIN it was given for: a new PIN signs everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer

from booth.errors import BadInput, BoothBroken
from booth.show.commands import Role
from rig.errors import InputError
from rig.toml_tables import parse_toml

STAFF_COOKIE = "pitboard_staff"
PLAYER_COOKIE = "pitboard_player"
STAFF_AGE_S = 16 * 3600
PLAYER_AGE_S = 16 * 3600
TRIES = 5
"""Wrong PINs from one address within `TRIES_WITHIN_S`; then that address waits."""
TRIES_ALL = 30
"""As above, from all addresses together."""
TRIES_WITHIN_S = 60.0
LEAST_PIN = 4


@dataclass(frozen=True, slots=True)
class Pins:
    """What opens the crew's and IT's screens."""

    crew: str
    it: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of the crew or IT, on one device."""

    role: Role
    device: str

    @property
    def by(self) -> str:
        """For the log: role and device."""
        return f"{self.role.value}-{self.device}"


class TooManyTriesError(Exception):
    """No more PINs are looked at for now."""


def read_pins(path: Path) -> Pins:
    """The PINs of a file: `crew = "4711"` and `it = "0815"`, digits, at least four and not the same.

    Raises:
        BadInput: what is wrong with it.
    """
    try:
        table = parse_toml(path.read_text(encoding="utf-8"), source=str(path))
        pins = Pins(table.text("crew"), table.text("it"))
        table.finish()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read the PINs in {path}: {error}") from error
    except InputError as error:
        raise BadInput(str(error)) from error
    for key, pin in (("crew", pins.crew), ("it", pins.it)):
        if len(pin) < LEAST_PIN or not pin.isdecimal():
            raise BadInput(f"{path}: '{key}' must be a PIN of at least {LEAST_PIN} digits")
    if pins.crew == pins.it:
        raise BadInput(f"{path}: 'crew' and 'it' must be different PINs")
    return pins


def signing_key(path: Path) -> bytes:
    """The key cookies are signed with; made at the first start, so that a restart signs nobody out.

    Raises:
        BoothBroken: it can be neither read nor written.
    """
    try:
        if path.exists():
            return path.read_bytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        made = secrets.token_bytes(32)
        handle, name = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise BoothBroken(
            f"cannot keep the signing key {path} ({error.strerror}); mend the folder"
        ) from error
    return made


class Roles:
    """Signs and reads the cookies, and looks at PINs. `now_s` is loop time."""

    def __init__(self, pins: Pins, key: bytes, now_s: Callable[[], float]) -> None:
        self._pins = pins
        self._now_s = now_s
        self._tries: dict[str, deque[float]] = defaultdict(deque)
        self._all_tries: deque[float] = deque()
        both = hashlib.sha256(f"{pins.crew}/{pins.it}".encode()).digest()
        self._staff = URLSafeTimedSerializer(hmac.digest(key, both, "sha256"), salt="staff")
        self._players = URLSafeTimedSerializer(key, salt="player")

    def try_pin(self, address: str, pin: str) -> Role | None:
        """Whose PIN this is; None for nobody's.

        Raises:
            TooManyTriesError: wrong ones came too fast; wait a minute.
        """
        mine = self._recent(self._tries[address])
        if len(mine) >= TRIES or len(self._recent(self._all_tries)) >= TRIES_ALL:
            raise TooManyTriesError
        found = None
        for role, right in ((Role.CREW, self._pins.crew), (Role.IT, self._pins.it)):
            if hmac.compare_digest(pin.encode(), right.encode()):
                found = role
        if found is None:
            mine.append(self._now_s())
            self._all_tries.append(self._now_s())
        if not mine:
            del self._tries[address]
        return found

    def staff_cookie(self, role: Role) -> str:
        """A cookie for a device that gave this role's PIN."""
        return _text(self._staff.dumps([role.value, secrets.token_hex(2)]))

    def staff_of(self, cookie: str | None) -> Staff | None:
        """Who a staff cookie belongs to; None when it is forged, old, or of another PIN."""
        try:
            role, device = self._staff.loads(cookie or "", max_age=STAFF_AGE_S)
        except BadSignature:
            return None
        return Staff(Role(role), device)

    def player_cookie(self, player: str) -> str:
        """A cookie for a player's phone."""
        return _text(self._players.dumps(player))

    def player_of(self, cookie: str | None) -> str | None:
        """The player a cookie belongs to; None when it is forged or old."""
        try:
            return str(self._players.loads(cookie or "", max_age=PLAYER_AGE_S))
        except BadSignature:
            return None

    def _recent(self, tries: deque[float]) -> deque[float]:
        while tries and tries[0] < self._now_s() - TRIES_WITHIN_S:
            tries.popleft()
        return tries


def _text(signed: str | bytes) -> str:
    return signed if isinstance(signed, str) else signed.decode()

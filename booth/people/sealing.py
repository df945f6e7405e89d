"""Contact details sealed to a public key: who has the machine has nothing; who has the private key has them.

libsodium's sealed boxes (doc.libsodium.org/public-key_cryptography/sealed_boxes): X25519 and XSalsa20-Poly1305 with a key
made for each message and thrown away, so that not even the booth can read what it sealed. The plain text is padded to
256 bytes first: the length of a name shows as little as possible.
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from booth.errors import BadInput, BoothBroken

_BLOCK = 256
_HEAD = "pitboard private key 1"
_KEY_BYTES = 32


def public_key_in(text: str) -> bytes:
    """The 32 bytes of a pack's `public_key`.

    Raises:
        BadInput: it is none.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise BadInput("the pack's public_key is none; put there what 'pitboard booth keys new' printed")
    return key


def key_id(public: bytes) -> str:
    """Which key sealed something, in 16 hex digits of the public key's SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def seal(public: bytes, secret: bytes) -> bytes:
    """`secret`, for the owner of the private key alone. Equal secrets give different bytes."""
    return SealedBox(PublicKey(public)).encrypt(sodium_pad(secret, _BLOCK))


class Opener:
    """The private key at work."""

    def __init__(self, private: bytes) -> None:
        self._key = PrivateKey(private)
        self.public = bytes(self._key.public_key)

    @property
    def key_id(self) -> str:
        """Of the pair."""
        return key_id(self.public)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            ValueError: sealed to another key, or damaged.
        """
        try:
            return sodium_unpad(SealedBox(self._key).decrypt(sealed), _BLOCK)
        except CryptoError as error:
            raise ValueError("sealed to another key, or damaged") from error


def make_key(path: Path) -> str:
    """Makes a pair, writes the private key to a new file that only its owner may read, and returns the public key as the
    pack takes it.

    Raises:
        BadInput: there is a file already; a key is never written over.
        BoothBroken: it cannot be written.
    """
    key = PrivateKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{_HEAD}\n{base64.b64encode(bytes(key)).decode()}\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise BadInput(f"{path} is there already, and may hold the only key to somebody's leads") from error
    except OSError as error:
        raise BoothBroken(f"cannot write the key {path} ({error.strerror}); choose another place") from error
    return base64.b64encode(bytes(key.public_key)).decode()


def read_key(path: Path) -> Opener:
    """The private key in a file.

    Raises:
        BadInput: there is none, or it is none.
    """
    try:
        head, _, body = path.read_text(encoding="ascii").partition("\n")
        key = base64.b64decode(body.strip(), validate=True)
    except OSError as error:
        raise BadInput(f"cannot read the private key {path}: {error.strerror}") from error
    except ValueError:
        head, key = "", b""
    if head.strip() != _HEAD or len(key) != _KEY_BYTES:
        raise BadInput(f"{path} is no private key; it is the file that 'pitboard booth keys new' wrote")
    return Opener(key)


def public_key_of(pack_key: str | None, home: Path) -> bytes:
    """The key to seal to: the pack's `public_key`, or the demo's, whose pack has none. Then HOME/demo.key, `home` being the
    results folder, is made once, beside the shows and in none.

    Raises:
        BadInput: what stands there is no key.
        BoothBroken: the demo's cannot be written.
    """
    if pack_key is not None:
        return public_key_in(pack_key)
    path = home / "demo.key"
    if not path.exists() or not path.stat().st_size:  # a power cut left it empty
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
        except OSError as error:
            raise BoothBroken(f"cannot create {home} ({error.strerror}); choose another --home") from error
        return public_key_in(make_key(path))
    return read_key(path).public

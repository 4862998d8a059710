"""The RSA pair by which a client of the web payments API proves itself: it encrypts, and only we can decrypt."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

KEY_BITS = 2048
SIZES_READ = (1024, 2048, 3072, 4096)
"""Sizes of keys that can be brought along; 1024 for those that were made long ago."""

_PUBLIC_EXPONENT = 65_537
_HASH_CHARACTERS = 64
_MOST_CACHED = 1024


class LoginKeyUnreadable(Exception):
    """The key is not the PEM text of an RSA private key of 1024, 2048, 3072 or 4096 bits without a password."""


@dataclass(frozen=True, slots=True)
class LoginKey:
    """A pair as PEM texts: the public half (SubjectPublicKeyInfo) is the client's secret, the private half is kept."""

    public: str
    private: str = field(repr=False)


def make_login_key() -> LoginKey:
    """A fresh pair of 2048 bits; it takes a tenth of a second."""
    return _as_text(generate_private_key(_PUBLIC_EXPONENT, KEY_BITS))


def read_login_key(private: str) -> LoginKey:
    """A pair that exists already, from the PEM text of its private half. Raises LoginKeyUnreadable."""
    try:
        key = load_pem_private_key(private.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise LoginKeyUnreadable from None
    if not isinstance(key, RSAPrivateKey) or key.key_size not in SIZES_READ:
        raise LoginKeyUnreadable
    return _as_text(key)


def is_proof(kept: Sequence[str], signature: str, text: str) -> bool:
    """Whether `signature` is the base64 text of the SHA-256 of `text` in hexadecimal, encrypted for one of the keys.

    `kept` are private halves as PEM texts. RSAES-PKCS1-v1_5 (RFC 8017, 7.2) is open to whoever learns why a decryption
    failed (Bleichenbacher, 1998). So the work is the same whatever is wrong: every key decrypts something of the right
    length, wrong padding gives random bytes (the library's implicit rejection), and one comparison of fixed length says
    yes or no.
    """
    expected = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest().encode()
    encrypted = _decoded(signature)
    found = False
    for private in kept:
        found |= _opens(_loaded(private), encrypted, expected)
    return found


def _opens(key: RSAPrivateKey, encrypted: bytes, expected: bytes) -> bool:
    size = key.key_size // 8
    modulus = key.public_key().public_numbers().n
    fits = (len(encrypted) == size) & (int.from_bytes(encrypted[:size]) < modulus)
    opened = key.decrypt(encrypted if fits else _ONE.rjust(size, b"\0"), PKCS1v15())
    characters = opened[:_HASH_CHARACTERS].ljust(_HASH_CHARACTERS, b"\0").lower()
    return hmac.compare_digest(characters, expected) & (len(opened) == _HASH_CHARACTERS) & fits


_ONE = b"\1"
"""A number that every key can decrypt, for what none can."""


def _decoded(signature: str) -> bytes:
    """The bytes of a base64 text, white space aside; none for any other text."""
    try:
        return base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _as_text(key: RSAPrivateKey) -> LoginKey:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return LoginKey(public.decode(), private.decode())


@lru_cache(maxsize=_MOST_CACHED)
def _loaded(private: str) -> RSAPrivateKey:
    """The key of a PEM text of our own, which was checked when it was read."""
    key = load_pem_private_key(private.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key

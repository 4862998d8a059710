"""Our seal on requests to banks that want one: a digest of the body, and a signature over it with an eIDAS seal.

As the standard has it (section "Signing" of the implementation guidelines): HTTP signatures in the form of
draft-cavage-http-signatures-10, made with the key of a qualified seal certificate (QSealC).
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SIGNED: Final = ("digest", "x-request-id", "date", "psu-id", "tpp-redirect-uri")
"""The header fields that are signed, those of them that are there: the first three always are."""


class SealRefused(Exception):
    """The certificate or its key cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal certificate and its private key."""

    key: rsa.RSAPrivateKey = field(repr=False)
    key_id: str
    certificate: str

    def headers(self, headers: Mapping[str, str], body: bytes, now: float) -> dict[str, str]:
        """The header fields that seal a request with these `headers`; `now` is seconds since 1970."""
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        date = format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True)
        sealing = {"Digest": f"SHA-256={digest}", "Date": date}
        known = {name.lower(): value for name, value in {**headers, **sealing}.items()}
        signed = [name for name in SIGNED if name in known]
        text = "\n".join(f"{name}: {known[name]}" for name in signed)
        signature = base64.b64encode(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
        names = " ".join(signed)
        return {
            **sealing,
            "Signature": f'keyId="{self.key_id}",algorithm="rsa-sha256",headers="{names}",signature="{signature}"',
            "TPP-Signature-Certificate": self.certificate,
        }


def seal_of(certificate: bytes, key: bytes) -> Seal:
    """The seal of a certificate and a key, both PEM. Raises SealRefused."""
    try:
        read = x509.load_pem_x509_certificate(certificate)
        private = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError):
        raise SealRefused("the seal's certificate or key is not PEM, or the key has a password") from None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise SealRefused("the seal's key is not an RSA key")
    if read.public_key() != private.public_key():
        raise SealRefused("the seal's key is not that of its certificate")
    issuer = read.issuer.rfc4514_string().replace('"', "'")
    der = base64.b64encode(read.public_bytes(serialization.Encoding.DER)).decode()
    return Seal(private, f"SN={read.serial_number:X},CA={issuer}", der)

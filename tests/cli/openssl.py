"""A stand-in for openssl where a machine has none: it understands what the guide to web payments uses, and no more."""

import base64
import hashlib
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def main() -> None:
    """Hash, encrypt or encode what comes on stdin."""
    given = sys.stdin.buffer.read()
    match sys.argv[1:]:
        case ["dgst", "-sha256", "-hex"]:
            said = f"SHA2-256(stdin)= {hashlib.sha256(given).hexdigest()}\n".encode()
        case ["pkeyutl", "-encrypt", "-pubin", "-inkey", file]:
            key = load_pem_public_key(Path(file).read_bytes())
            assert isinstance(key, RSAPublicKey)
            said = key.encrypt(given, PKCS1v15())
        case ["base64", "-A"]:
            said = base64.b64encode(given)
        case _:
            sys.exit("unknown")
    sys.stdout.buffer.write(said)


if __name__ == "__main__":
    main()

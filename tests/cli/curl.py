"""A stand-in for curl that understands what the sandbox prints, so that tests do not depend on the machine's."""

import sys
from argparse import ArgumentParser
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def main() -> None:
    """Send one request and print the answer's body."""
    options = ArgumentParser(allow_abbrev=False)
    options.add_argument("-s", action="store_true")
    options.add_argument("-S", action="store_true")
    options.add_argument("-H", action="append", default=[])
    options.add_argument("-d")
    options.add_argument("url")
    given = options.parse_args()
    headers = dict(line.split(": ", 1) for line in given.H)
    body = given.d.encode() if given.d is not None else None
    try:
        with urlopen(Request(given.url, body, headers), timeout=20) as answer:
            sys.stdout.write(answer.read().decode())
    except HTTPError as refused:
        sys.stdout.write(refused.read().decode())


if __name__ == "__main__":
    main()

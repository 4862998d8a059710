"""A caller's address is believed only as far as our own proxies wrote it."""

import pytest

from tillway.surfaces.common.limits import Addresses, neighbourhood


def address(peer: str | None, forwarded: str | None = None, trusted: tuple[str, ...] = ()) -> str:
    headers = {} if forwarded is None else {b"x-forwarded-for": forwarded.encode("latin-1")}
    return Addresses(trusted).of({"client": None if peer is None else (peer, 1)}, headers)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "seen"),
    [
        ("198.51.100.7", None, (), "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", (), "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.1", "203.0.113.1", ("10.0.0.0/8",), "203.0.113.1"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.1", ("10.0.0.0/8",), "203.0.113.1"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.1, 10.9.9.9", ("10.0.0.0/8",), "203.0.113.1"),
        ("10.0.0.1", "10.0.0.2", ("10.0.0.0/8",), "10.0.0.2"),
        ("10.0.0.1", None, ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "rubbish", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, rubbish", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "\xff,,", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "[2001:db8::1]:443", ("10.0.0.0/8",), "2001:db8::1"),
        ("10.0.0.1", "203.0.113.1:443", ("10.0.0.0/8",), "203.0.113.1"),
        ("::1", "2001:DB8:0::1", ("::1/128",), "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.1", ("10.0.0.0/8",), "203.0.113.1"),
        (None, None, (), "local"),
        ("10.0.0.1", "1.1.1.1," * 5000 + "203.0.113.1", ("10.0.0.0/8",), "203.0.113.1"),
    ],
)
def test_the_address_is_the_first_that_is_no_proxy_of_ours(
    peer: str | None, forwarded: str | None, trusted: tuple[str, ...], seen: str
) -> None:
    assert address(peer, forwarded, trusted) == seen


@pytest.mark.parametrize(
    ("one", "counted"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("local", "local"),
    ],
)
def test_one_line_cannot_try_from_many_addresses(one: str, counted: str) -> None:
    assert neighbourhood(one) == counted

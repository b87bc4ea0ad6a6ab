"""Addresses on the web."""

from __future__ import annotations

import urllib.parse


def is_address(text: str) -> bool:
    """Say whether a text is an address on the web rather than a path on this disk.

    Examples
    --------
    >>> is_address("https://example.org/a/"), is_address("/media/usb/espejo")
    (True, False)
    """
    return text.startswith(("http://", "https://"))


def joined(base: str, file: str) -> str:
    """Return the address of a file below a base that ends with a slash, special characters escaped.

    Examples
    --------
    >>> joined("http://127.0.0.1/espejo/", "año 2020.tif")
    'http://127.0.0.1/espejo/a%C3%B1o%202020.tif'
    """
    return urllib.parse.urljoin(base, urllib.parse.quote(file))


def shown(address: str) -> str:
    """Return an address as a message may show it: without a password or a query that may hold a key.

    Examples
    --------
    >>> shown("https://ana:secreto@example.org/a.tif?token=x")
    'https://example.org/a.tif'
    """
    try:
        parts = urllib.parse.urlsplit(address)
    except ValueError:  # no address at all
        return address.rpartition("@")[2].partition("?")[0]
    host = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit((parts.scheme, host, parts.path, "", ""))


def path_of(address: str) -> str:
    """Return the path of an address, without its query; empty where it is none.

    Examples
    --------
    >>> path_of("http://127.0.0.1/a/capas.zip?x=1"), path_of("http://[::1")
    ('/a/capas.zip', '')
    """
    try:
        return urllib.parse.urlsplit(address).path
    except ValueError:
        return ""

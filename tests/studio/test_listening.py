"""What comes over a real connection, before there is a request to speak of."""

import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

HEAD = b"GET /login HTTP/1.1\r\nHost: %s\r\n"


@pytest.fixture
def connection(listening):
    """A socket to the studio, and its host."""
    address = urlsplit(listening)
    with socket.create_connection((address.hostname, address.port), timeout=20) as opened:
        yield opened, address.netloc.encode()


@pytest.mark.parametrize("endless", [b"x-one: " + b"a" * 1000 + b"\r\n", b"a" * 1000])
def test_a_head_without_an_end_is_cut_off(connection, endless):
    opened, host = connection
    opened.sendall(HEAD % host)
    sent = 0
    try:
        while sent < 8 << 20:
            sent += opened.send(endless)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert sent < 8 << 20


def test_requests_over_one_connection_have_heads_of_their_own(listening):
    kept = HTTPConnection(urlsplit(listening).netloc, timeout=20)
    for _ in range(3):
        kept.request("GET", "/login", headers={"x-one": "a" * 30_000})
        answer = kept.getresponse()
        answer.read()
        assert answer.status == 200
    kept.close()

"""`_http_bytes`: a request is recognised without its secrets, an answer is followed to its end however it is cut."""

from __future__ import annotations

import http.client
import io

import pytest

from panoply_testing._http_bytes import LONGEST_HEAD, Answer, canned_answer, cut_at, request_of
from panoply_testing.faults import HTTP_FAULTS


@pytest.mark.parametrize(
    ("data", "request_"),
    [
        (b"GET /items HTTP/1.1\r\nHost: x\r\n\r\n", "GET /items"),
        (b"GET /items?token=abc HTTP/1.1\r\n", "GET /items"),
        (b"GET /items#token=abc HTTP/1.0\r\n", "GET /items"),
        (b"POST http://me:word@api.acme.com/items?a=b HTTP/1.1\r\n\r\n", "POST http://api.acme.com/items"),
        (b"OPTIONS * HTTP/1.1\r\n", "OPTIONS *"),
        (bytearray(b"PUT /a HTTP/1.1\r\n"), "PUT /a"),
        (memoryview(b"HEAD / HTTP/1.1\n"), "HEAD /"),
        (b"GET /" + b"a" * 1000 + b" HTTP/1.1\r\n", "GET /" + "a" * 299),
        (b"CONNECT api.acme.com:443 HTTP/1.1\r\n\r\n", ""),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""),
        (b"GET /items\r\n", ""),
        (b"SELECT 1 HTTP/1.1", ""),
        (b"\x16\x03\x01", ""),
        (b"", ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_a_request_is_named_without_what_may_be_secret(data, request_):
    assert request_of(data) == request_


BODY = b'{"items": [1, 2, 3]}'

ANSWERS = [
    ("GET /", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + BODY, "length", True),
    ("GET /", b"HTTP/1.0 200 OK\ncontent-length: 20\n\n" + BODY, "length", True),
    ("GET /", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "length", True),
    ("GET /", b"HTTP/1.1 200 OK\r\n\r\n" + BODY, "closing", False),
    ("GET /", b"HTTP/1.1 200 OK\r\nContent-Length: some\r\n\r\n" + BODY, "closing", False),
    (
        "GET /",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + BODY + b"\r\n0\r\n\r\n",
        "chunked",
        True,
    ),
    ("GET /", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunked", True),
    ("GET /", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + BODY, "chunked", False),
    ("GET /", b"HTTP/1.1 204 No Content\r\n\r\n", "none", True),
    ("GET /", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 20\r\n\r\n", "none", True),
    ("HEAD /", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n", "none", True),
    ("PUT /", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + BODY, "length", True),
    ("GET /", b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + BODY, "other", False),
    ("GET /", b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "other", False),
    ("GET /", b"HTTP/1.1 200 OK\r\nX: " + b"x" * LONGEST_HEAD, "other", False),
    ("", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n", "other", False),
]


@pytest.mark.parametrize("step", [1, 3, 1000, 10_000_000])
@pytest.mark.parametrize(("request_", "data", "framing", "complete"), ANSWERS)
def test_an_answer_is_followed_however_it_is_cut(request_, data, framing, complete, step):
    answer = Answer(request_)
    for start in range(0, len(data), step):
        answer.feed(data[start : start + step])
    assert (answer.framing, answer.complete) == (framing, complete)


def test_a_head_that_arrives_with_much_body_is_still_a_head():
    answer = Answer("GET /")
    length = 5 * LONGEST_HEAD
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % length
    assert answer.feed(head + bytes(length)) == length
    assert answer.is_json
    assert answer.complete


@pytest.mark.parametrize(
    ("content_type", "is_json"),
    [("application/json", True), ("application/vnd.api+JSON; charset=utf-8", True), ("text/html", False), ("", False)],
)
def test_whether_an_answer_is_json_is_said_by_its_content_type(content_type, is_json):
    answer = Answer("GET /")
    answer.feed(f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode())
    assert answer.is_json is is_json


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "cut"),
    [
        ([HEAD + BODY], [len(HEAD) + 10]),
        ([HEAD, BODY], [None, 10]),
        ([HEAD[:10], HEAD[10:] + BODY[:4], BODY[4:]], [None, len(HEAD) - 10 + 2]),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], [13]),
        ([b"HTTP/1.1 200 OK\r\n\r\nab"], [20]),
        ([b"SSH-2.0"], [3]),
    ],
)
def test_half_an_answer_ends_within_its_body(pieces, cut):
    answer = Answer("GET /")
    found = []
    for piece in pieces:
        found.append(cut_at(answer, len(piece), answer.feed(piece)))
        if found[-1] is not None:
            break
    assert found == cut


class Said:
    """What http.client needs of a socket."""

    def __init__(self, data):
        self.data = data

    def makefile(self, _mode):
        return io.BytesIO(self.data)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("kind", HTTP_FAULTS)
def test_a_canned_answer_is_one_that_a_client_understands(kind, method):
    response = http.client.HTTPResponse(Said(canned_answer(kind, f"{method} /items")), method=method)
    response.begin()
    expected = {"http-429": 429, "http-500": 500, "http-503": 503, "http-not-json": 200}[kind]
    assert response.status == expected
    body = response.read()
    assert len(body) == (0 if method == "HEAD" else int(response.headers["Content-Length"]))
    assert response.will_close
    assert response.headers["Retry-After"] == ("120" if kind == "http-429" else None)
    assert ("json" in response.headers["Content-Type"]) is (kind != "http-not-json")

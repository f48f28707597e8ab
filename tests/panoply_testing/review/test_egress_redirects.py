"""What a source takes along to another host: seen where its far end redirects it there, whatever library it speaks with."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from textwrap import dedent
from types import ModuleType

import pytest
from review_projects import SOURCE as NUMBERS
from review_projects import site_of
from test_network import PEM

from panoply_testing._redirects import points_for, statuses_for
from panoply_testing.faults import Operation
from panoply_testing.isolation import Limits
from panoply_testing.review import egress as family
from panoply_testing.review._egress_redirects import Taken, Tried, tried
from panoply_testing.review._redirect_runs import redirect_runs
from panoply_testing.review.egress import judge_redirects
from panoply_testing.runs import Inputs, Runs

KEY = "tk9f3b71Ca2Zq8"


class Handler(BaseHTTPRequestHandler):
    """Three pages of items, wherever they are asked for; `/moved` is somewhere else at the same host."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            body = b""
        else:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            body = json.dumps([{"id": 1}]).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - as the library calls it

    def log_message(self, *_):
        """Nothing."""


@contextlib.contextmanager
def serving(context=None):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def url():
    with serving() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def secure(tmp_path):
    """The same over TLS; and the file with what its certificate is to be checked against."""
    pem = tmp_path / "far-end.pem"
    pem.write_text(PEM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with serving(context) as port:
        yield f"https://localhost:{port}", str(pem)


SOURCE = """
import panoply

CONFIG = {"title": "Shop", "params": [{"name": "key", "title": "Key", "type": "password"}]}


class Pages(panoply.DataSource):
    def __init__(self, source, options=None):
        super().__init__(source, options)
        self.pages = 3

    def read(self, n=None):
        if not self.pages:
            return None
        items = self.page(self.source["url"], self.source["key"])
        self.pages -= 1
        self.progress(3 - self.pages, 3, "pages")
        return items
"""


@pytest.fixture
def told(url, tmp_path):
    """What the runs with redirects tell of a source that gets a page in this way."""

    def told(code, *, to=url + "/items", **more):
        def load():
            module = ModuleType("shop")
            module.__file__ = str(tmp_path / "shop.py")
            exec(compile(SOURCE + dedent(code), module.__file__, "exec"), vars(module))
            return module

        (tmp_path / "shop.py").write_text(SOURCE + dedent(code))
        runs = Runs(load, Limits(read_timeout=20))
        return redirect_runs(runs, Inputs(params={"url": to, "key": KEY, **more}))

    return told


def taken(told):
    return [(each.part, each.name) for each in tried([told], ["shop.py"]).taken]


def by_requests(call):
    return f"""
        import requests

        class Stream(Pages):
            def page(self, url, key):
                answer = {call}
                answer.raise_for_status()
                return answer.json()
        """


def by_httpx(client, call="client.get(url)"):
    return f"""
        import httpx

        class Stream(Pages):
            def page(self, url, key):
                with httpx.Client({client}, trust_env=False, timeout=9) as client:
                    return {call}.raise_for_status().json()
        """


def by_aiohttp(call):
    return f"""
        import asyncio
        import aiohttp

        class Stream(Pages):
            def page(self, url, key):
                return asyncio.run(self.get(url, key))

            async def get(self, url, key):
                async with aiohttp.ClientSession(raise_for_status=True) as session, {call} as answer:
                    return await answer.json()
        """


def by_urllib(request, opened="urllib.request.urlopen(request, timeout=9)"):
    return f"""
        import json
        import urllib.request
        from urllib.parse import urlencode

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        class Stream(Pages):
            def page(self, url, key):
                request = {request}
                with {opened} as answer:
                    return json.load(answer)
        """


def by_hand(condition, headers='{"Authorization": f"Bearer {key}"}'):
    """A client that follows by itself, where a condition holds."""
    return f"""
        import http.client
        import json
        from urllib.parse import urlsplit

        class Stream(Pages):
            def page(self, url, key):
                while True:
                    parts = urlsplit(url)
                    connection = http.client.HTTPConnection(parts.netloc, timeout=9)
                    connection.request("GET", parts.path, headers={headers})
                    answer = connection.getresponse()
                    body = answer.read()
                    connection.close()
                    if answer.status in (301, 302, 307, 308) and ({condition}):
                        url = answer.headers["Location"]
                        continue
                    if answer.status != 200:
                        raise OSError(f"the answer was {{answer.status}}")
                    return json.loads(body)
        """


KEEPS_AUTH = """
    import requests

    class Session(requests.Session):
        def rebuild_auth(self, prepared_request, response):
            pass

    class Stream(Pages):
        def page(self, url, key):
            with Session() as session:
                session.headers["Authorization"] = f"Bearer {key}"
                answer = session.get(url, timeout=9)
            answer.raise_for_status()
            return answer.json()
    """

ONLY_LATER = """
    import requests

    class Stream(Pages):
        def page(self, url, key):
            if self.pages == 3:
                answer = requests.get(url, headers={"X-Api-Key": key}, timeout=9, allow_redirects=False)
            else:
                answer = requests.get(url, headers={"X-Api-Key": key}, timeout=9)
            answer.raise_for_status()
            return answer.json()
    """

IN_PIECES = """
    import re
    import socket
    from urllib.parse import urlsplit

    class Stream(Pages):
        def page(self, url, key):
            while url:
                parts = urlsplit(url)
                body = [b"pass=", key.encode()]
                with socket.create_connection((parts.hostname, parts.port), timeout=9) as sock:
                    sock.sendall(
                        f"POST {parts.path} HTTP/1.1\\r\\nHost: {parts.netloc}\\r\\nConnection: close\\r\\n"
                        f"Content-Length: {len(b''.join(body))}\\r\\n\\r\\n".encode()
                    )
                    sock.sendmsg(body)
                    answer = b"".join(iter(lambda: sock.recv(4096), b""))
                if b"404" in answer[:20]:
                    raise OSError("nothing is there")
                found = re.search(rb"\\r\\nLocation: (\\S+)", answer)
                url = found and found[1].decode()
            return [{"id": 1}]
    """

HEADER = [("header", "X-Api-Key")]
AUTH = [("header", "Authorization")]

WRONG = {
    "requests, a header of its own": (by_requests('requests.get(url, headers={"X-Api-Key": key}, timeout=9)'), HEADER),
    "requests, in the query": (by_requests('requests.get(url, params={"key": key}, timeout=9)'), [("query", "key")]),
    "requests, a POST": (
        by_requests('requests.post(url, json={"auth": {"pass": key}}, timeout=9)'),
        [("body", "pass")],
    ),
    "requests, a form": (by_requests('requests.post(url, {"a": "b", "pass": key}, timeout=9)'), [("body", "pass")]),
    "requests, a POST's header": (by_requests('requests.post(url, headers={"X-Api-Key": key}, timeout=9)'), HEADER),
    "requests, base64": (
        by_requests('requests.get(url, headers={"X-Login": b64encode(f"me:{key}".encode())}, timeout=9)').replace(
            "import requests", "import requests\n        from base64 import b64encode"
        ),
        [("header", "X-Login")],
    ),
    "requests, what keeps its own header": (KEEPS_AUTH, AUTH),
    "requests, a cookie for any host": (
        by_requests('requests.get(url, cookies={"session": key}, timeout=9)'),
        [("header", "Cookie")],
    ),
    "requests, from one line of two": (ONLY_LATER, HEADER),
    "requests, a token of which only the name is known": (
        by_requests('requests.get(url, headers={"X-Auth-Token": key[::-1]}, timeout=9)'),
        [("header", "X-Auth-Token")],
    ),
    "httpx that follows": (by_httpx('headers={"X-Api-Key": key}, follow_redirects=True'), HEADER),
    "httpx, a POST": (
        by_httpx("follow_redirects=True", 'client.post(url, data={"pass": key})'),
        [("body", "pass")],
    ),
    "aiohttp": (by_aiohttp('session.get(url, headers={"X-Api-Key": key})'), HEADER),
    "aiohttp, a POST": (by_aiohttp('session.post(url, json={"pass": key})'), [("body", "pass")]),
    "urllib": (by_urllib('urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})'), AUTH),
    "urllib, a POST": (
        by_urllib('urllib.request.Request(url, data=b"{}", headers={"Authorization": f"Bearer {key}"})'),
        AUTH,
    ),
    "by hand": (by_hand("True"), AUTH),
    "by hand, from the second page on": (by_hand("self.pages < 3"), AUTH),
    "httpx, what adds it to each request": (
        by_httpx(
            'event_hooks={"request": [lambda it: it.headers.update({"Authorization": key})]}, follow_redirects=True'
        ),
        AUTH,
    ),
    "urllib3": (
        """
        import urllib3

        class Stream(Pages):
            def page(self, url, key):
                return urllib3.request("GET", url, headers={"X-Api-Key": key}, timeout=9).json()
        """,
        HEADER,
    ),
    "through a proxy": (
        by_requests(
            'requests.get("http://shop.example.com/", proxies={"http": url}, headers={"X-Api-Key": key}, timeout=9)'
        ),
        HEADER,
    ),
    "threads": (
        """
        import requests
        from concurrent.futures import ThreadPoolExecutor

        class Stream(Pages):
            def page(self, url, key):
                get = lambda number: requests.get(f"{url}/{number}", headers={"X-Api-Key": key}, timeout=9)
                with ThreadPoolExecutor(3) as pool:
                    answers = list(pool.map(get, range(3)))
                for each in answers:
                    each.raise_for_status()
                return answers[0].json()
        """,
        HEADER,
    ),
    "by hand, in pieces": (IN_PIECES, [("body", "pass")]),
    "in the constructor": (
        by_requests('requests.get(url, headers={"Authorization": key}, timeout=9)')
        + """
            def __init__(self, source, options=None):
                super().__init__(source, options)
                requests.post(source["url"], data={"client_secret": source["key"]}, timeout=9).raise_for_status()
        """,
        [("body", "client_secret")],
    ),
    "in the values of a param": (
        by_requests('requests.get(url, headers={"Authorization": key}, timeout=9)')
        + """
        def regions(source, options):
            answer = requests.get(source["url"], headers={"X-Api-Key": source["key"]}, timeout=9)
            return [str(each["id"]) for each in answer.json()]

        CONFIG["params"].append({"name": "region", "title": "Region", "values": regions})
        """,
        HEADER,
    ),
    "an async read": (
        """
        import aiohttp

        class Stream(panoply.DataSource):
            done = False

            async def read(self, n=None):
                if self.done:
                    return None
                headers = {"X-Api-Key": self.source["key"]}
                async with aiohttp.ClientSession(headers=headers) as session:
                    async with session.get(self.source["url"]) as answer:
                        self.done = True
                        self.progress(1, 1, "items")
                        return await answer.json()
        """,
        HEADER,
    ),
}


@pytest.mark.parametrize(("code", "expected"), WRONG.values(), ids=WRONG)
def test_what_goes_along_is_told(told, code, expected):
    found = told(code)
    assert taken(found) == expected
    assert KEY not in json.dumps(found)


RIGHT = {
    "requests": by_requests('requests.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=9)'),
    "requests, user and password": by_requests('requests.get(url, auth=("me", key), timeout=9)'),
    "requests, what is no secret": by_requests('requests.get(url, headers={"X-Page-Token": "abcdefgh"}, timeout=9)'),
    "requests that does not follow": by_requests(
        'requests.get(url, headers={"X-Api-Key": key}, timeout=9, allow_redirects=False)'
    ),
    "httpx": by_httpx('headers={"X-Api-Key": key}'),
    "httpx that follows": by_httpx("auth=('me', key), follow_redirects=True"),
    "aiohttp": by_aiohttp('session.get(url, headers={"Authorization": f"Bearer {key}"})'),
    "aiohttp that does not follow": by_aiohttp('session.get(url, headers={"X-Api-Key": key}, allow_redirects=False)'),
    "urllib that does not follow": by_urllib(
        'urllib.request.Request(url, headers={"X-Api-Key": key})',
        "urllib.request.build_opener(Stay).open(request, timeout=9)",
    ),
    "urllib, a POST": by_urllib('urllib.request.Request(url, data=urlencode({"pass": key}).encode())'),
    "by hand, to the same host": by_hand('urlsplit(answer.headers["Location"]).hostname in ("", parts.hostname)'),
    "by hand, without what is secret": by_hand("True", '{"X-Api-Key": key} if url == self.source["url"] else {}'),
    "by hand, not at all": by_hand("False"),
}


@pytest.mark.parametrize("code", RIGHT.values(), ids=RIGHT)
def test_what_stays_is_no_finding(told, code):
    found = told(code)
    assert found["redirected"]
    assert taken(found) == []


def test_the_line_is_told_that_sent_the_request(told, tmp_path):
    found = tried([told(WRONG["requests, a header of its own"][0])], ["src/shop.py"])
    (line,) = [
        number
        for number, text in enumerate((tmp_path / "shop.py").read_text().splitlines(), 1)
        if "requests.get" in text
    ]
    (taken_along,) = found.taken
    assert (taken_along.path, taken_along.line) == ("src/shop.py", line)
    assert taken_along.found == (
        "The header X-Api-Key (param key) goes along when GET /items is answered with a redirect (302) to another host."
    )


def test_redirects_of_the_far_ends_own_are_left_as_they_are(told, url):
    stays = by_hand('urlsplit(answer.headers["Location"]).hostname in ("", parts.hostname)')
    follows = stays.replace("url = answer.headers", 'url = f"{parts.scheme}://{parts.netloc}" + answer.headers')
    assert taken(told(RIGHT["requests"], to=f"{url}/moved/items")) == []
    assert taken(told(follows, to=f"{url}/moved/items")) == []
    # To the same host with all that it has, to another one with it as well: of six requests it is one of the latter.
    assert (
        taken(told(by_requests('requests.get(url, headers={"X-Api-Key": key}, timeout=9)'), to=f"{url}/moved/items"))
        == HEADER
    )


def test_what_is_encrypted_is_seen_as_well(told, secure):
    to, authority = secure
    code = by_requests('requests.get(url, headers={"X-Api-Key": key}, timeout=9, verify=self.source["authority"])')
    assert taken(told(code, to=f"{to}/items", authority=authority)) == HEADER
    stripped = code.replace("X-Api-Key", "Authorization")
    found = told(stripped, to=f"{to}/items", authority=authority)
    assert taken(found) == []
    assert "authorization" in tried([found], []).kept
    # Somebody may follow from one encrypted host to another, and nowhere else.
    stays = code.replace("timeout=9", "timeout=9, allow_redirects=False")
    assert "x-api-key" not in tried([told(stays, to=f"{to}/items", authority=authority)], []).kept


def test_an_event_loop_that_encrypts_is_seen_as_well(told, secure):
    to, authority = secure
    given = 'headers={"X-Api-Key": key}, ssl=ssl.create_default_context(cafile=self.source["authority"])'
    code = by_aiohttp(f"session.get(url, {given})").replace("import asyncio", "import asyncio, ssl")
    found = told(code, to=f"{to}/items", authority=authority)
    assert taken(found) == HEADER
    assert [(each["encrypted"], "x-api-key" in each["headers"]) for each in found["redirected"]] == [(True, True)] * 2


# ---------------------------------------------------------------------- which requests


def sent(number, where="a.py:1 in read", request="GET /items"):
    return Operation(number=number, kind="send", host="127.0.0.1:80", where=where, request=request)


def test_of_each_kind_of_request_the_first_is_redirected_and_one_from_the_middle():
    other = sent(7, where="a.py:9 in token", request="POST /token")
    unseen = Operation(number=3, kind="receive", host="127.0.0.1:80")
    many = [sent(number) for number in range(10, 20)]
    assert [each.number for each in points_for([unseen, other, *many])] == [7, 10, 15]
    assert [each.number for each in points_for(sent(number, where=f"a.py:{number}") for number in range(1, 9))] == [
        1,
        2,
        3,
        4,
    ]
    assert points_for([]) == points_for([unseen]) == ()


def test_a_post_is_redirected_as_a_post_first():
    assert {statuses_for("POST /token", number) for number in range(4)} == {(307, 302), (308, 301)}
    assert {statuses_for("GET /items", number) for number in range(4)} == {(302, 307), (301, 308)}


# ---------------------------------------------------------------------- what runs and code say together

CODE = {"shop/source.py": 'import requests\nrequests.get(url, headers={"X-Api-Key": key})\n'}


def rule_of(outcome):
    return [(each.found.partition(" is sent on")[0], each.line) for each in outcome.findings]


def test_what_runs_have_shown_takes_the_place_of_what_the_code_says():
    assert rule_of(judge_redirects(CODE)) == [("The header X-Api-Key", 2)]
    shown = Taken(found="It went.", path="shop/source.py", line=7, part="header", name="x-api-key")
    assert rule_of(judge_redirects(CODE, Tried(requests=1, taken=(shown,)))) == [("It went.", 7)]
    assert rule_of(judge_redirects(CODE, Tried(requests=1, kept=frozenset({"x-api-key"})))) == []
    assert rule_of(judge_redirects(CODE, Tried(requests=1, kept=frozenset({"x-other"})))) == [
        ("The header X-Api-Key", 2)
    ]


def test_where_nothing_could_be_redirected_the_code_is_still_read():
    outcome = judge_redirects(CODE, Tried(reason="nobody was there"))
    assert rule_of(outcome) == [("The header X-Api-Key", 2)]
    assert [(each.rule, each.reason) for each in outcome.unchecked] == [
        ("redirects_carry_no_credentials", "by running: nobody was there")
    ]
    without = judge_redirects({"shop/source.py": "import psycopg\n"}, Tried(reason="nobody was there"))
    assert (without.findings, without.unchecked) == ((), ())


def test_what_was_tried_in_part_says_nothing_of_the_rest(told):
    found = told(RIGHT["requests"])
    assert "authorization" in tried([found], []).kept
    assert tried([{**found, "whole": False}], []).kept == frozenset()
    assert tried([], []).reason
    assert "no HTTP request" in tried([{**found, "redirected": [], "requests": 0}], []).reason
    assert "192.0.2.1:80" in tried([{**found, "redirected": [], "requests": 0, "unseen": ["192.0.2.1:80"]}], []).reason
    assert "a second time" in tried([{**found, "redirected": []}], []).reason


# ---------------------------------------------------------------------- a review

CONFTEST = """
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps([{"number": 1}]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def far_end():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/numbers"
        server.shutdown()


@pytest.fixture
def panoply_params(far_end):
    return {"token": "made-up-2f7a", "region": far_end}
"""

FETCHES = NUMBERS.replace(
    "        size = n or 100\n",
    "        import json\n"
    "        import urllib.request\n\n"
    "        request = urllib.request.Request(self.source['region'])\n"
    "        request.add_header('X-Shop-Token', self.source['token'])\n"
    "        with urllib.request.urlopen(request, timeout=9) as answer:\n"
    "            json.load(answer)\n"
    "        size = n or 100\n",
)


def test_a_review_redirects_the_source(project, tmp_path):
    assert FETCHES != NUMBERS
    site = site_of(
        project({"shop/source.py": FETCHES, "tests/conftest.py": CONFTEST}),
        tmp_path / "scratch",
        "redirects_carry_no_credentials",
    )
    outcome = family.look(site)
    (finding,) = outcome.findings
    line = FETCHES[: FETCHES.index("        with urllib")].count("\n") + 1
    assert (finding.rule, finding.path, finding.line) == ("redirects_carry_no_credentials", "shop/source.py", line)
    assert "The header X-Shop-Token (param token)" in finding.found
    assert "GET /numbers" in finding.found
    assert "made-up" not in str(outcome)
    assert "add_unredirected_header" in finding.fix
    assert outcome.unchecked == ()

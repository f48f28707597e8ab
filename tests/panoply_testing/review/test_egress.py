"""Where a source connects to, and how: what the code says for certain, and what a run shows."""

from __future__ import annotations

import asyncio
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import httpx
import pytest
import requests
from review_projects import SOURCE, site_of

from panoply_testing.report.model import SourceReport
from panoply_testing.review import egress as family
from panoply_testing.review._child import Child
from panoply_testing.review._egress_headers import _STRIPPED
from panoply_testing.review._pytest_facts import Ran, Refused
from panoply_testing.review.egress import judge_code, judge_redirects, judge_run


def rules(code, config=None):
    """The rules that some code breaks, each once for every time."""
    texts = code if isinstance(code, dict) else {"shop/source.py": code}
    return [each.rule for each in (judge_code(texts, {"shop/config.py": config}) + judge_redirects(texts)).findings]


# ---------------------------------------------------------------------- encryption


@pytest.mark.parametrize(
    "code",
    [
        'URL = "http://api.example.com/v1"',
        'URL = "HTTP://10.0.0.7:8080"',
        'url = source.get("url", "http://shop.example.com")',
        'url = source.get("url") or "http://shop.example.com"',
        'def read(self, url="http://shop.example.com"): pass',
        "requests.get(f\"http://{source['host']}/orders\")",
        "requests.get(f'http://api.example.com/orders/{number}')",
        'url = "http://" + self.host + "/orders"',
        'url = "http://%s/orders" % host',
        'url = "http://{}/orders".format(host)',
        'HOSTS = {"eu": "http://eu.example.com"}',
        'ws = "ws://stream.example.com"',
        'ftp = "ftp://files.example.com/orders.csv"',
        'CONFIG = {"params": [{"name": "url", "default": "http://shop.example.com"}]}',
        'URL = "http://api.example.com"\nif URL.startswith("http"): requests.get(URL)',
        'if requests.get("http://api.example.com").ok == expected: pass',
        'self.log(requests.get("http://api.example.com").text)',
        'url = source["url"].replace("https://", "http://")',
        'url = re.sub("^https", "http", url)',
        'url = urlunsplit(("http", host, path, "", ""))',
        'url = parts._replace(scheme="http").geturl()',
        'url = yarl.URL.build(scheme="http", host=source["host"])',
        'http.client.HTTPConnection("api.example.com").request("GET", "/")',
        'urllib3.HTTPConnectionPool(host=source["host"])',
        "url = f\"http://{source['server_host']}/orders\"",
        'url = f"ws://{websocket_host}/orders"',
        'url = f"http://{locale}.example.com/orders"',
    ],
)
def test_an_address_without_encryption_is_told(code):
    assert rules(code) == ["connections_are_encrypted"]


@pytest.mark.parametrize(
    "code",
    [
        'URL = "https://api.example.com/v1"',
        'URL = "http://localhost:8080"',
        'URL = "http://127.0.0.1"',
        'URL = "http://169.254.169.254/latest/meta-data/"',
        'URL = "http://[::1]:80/x"',
        'url = f"http://127.0.0.1:{port}/orders"',
        'url = f"http://{self.server.server_address[0]}:{port}/"',
        'session.mount("http://", adapter)',
        'if url.startswith("http://"): raise ValueError',
        'if url.startswith("http://api.example.com"): raise ValueError',
        'url = url.replace("http://api.example.com", "https://api.example.com")',
        'if url == "http://api.example.com": pass',
        'root.findall("{http://www.vendor.com/orders}item")',
        'NS = {"o": "http://www.vendor.com/orders"}',
        'ORDERS_NS = "http://www.vendor.com/orders"',
        'root.find("o:item", namespaces={"o": "http://www.vendor.com/orders"})',
        'SVG = "http://www.w3.org/2000/svg"',
        'x = "http://schemas.xmlsoap.org/soap/envelope/"',
        '"""http://api.example.com is old."""',
        'CONFIG = {"params": [{"name": "url", "help": "http://x.example.com", "placeholder": "http://x.example.com"}]}',
        'raise ValueError("http://api.example.com is old")',
        'self.log("http://api.example.com is old")',
        'return panoply.PanoplyException("http://api.example.com is old", retryable=False)',
        'DOCS = "http://docs.example.com"\nraise ValueError(f"See {DOCS}")',
        'url = f"https://{host}" if source["tls"] else f"http://{host}"',
        'x = "http:"',
        'ALL = "http://acs.amazonaws.com/groups/global/AllUsers"',
        'ALL = "http://meant.example.com/everybody"\nif grantee["URI"] == ALL: pass',
        'OPEN = {"http://meant.example.com/a", "http://meant.example.com/b"}\nfound = uri in OPEN',
        'BUCKET = "http://s3.amazonaws.com/doc/2006-03-01/"',
        'ORDERS = "http://www.vendor.com/orders"\nroot.iter(f"{{{ORDERS}}}item")',
        'ORDERS = "http://www.vendor.com/orders"\nroot.iter("{%s}item" % ORDERS)',
        'ORDERS = "http://www.vendor.com/orders"\nroot.iter("{" + ORDERS + "}item")',
        'NAMES = {"o": "http://www.vendor.com/orders"}\nroot.find("o:item", NAMES)',
        'FEED = "http://base.google.com/ns/1.0"',
        'x = "http://www.vendor.com/orders.xsd"',
        'x = "http://www.vendor.com/orders#"',
        'headers = {"SOAPAction": "http://www.vendor.com/GetOrders", "Referer": "http://www.vendor.com"}',
        'url = source["url"].replace("http://", "https://")',
        'same = link.replace("https", "http").startswith(url.replace("https", "http"))',
        'url = parts._replace(scheme="https").geturl()',
        "connection = (HTTPSConnection if tls else HTTPConnection)(host)",
        "if tls: c = HTTPSConnection(host)\nelse: c = HTTPConnection(host)",
        'http.client.HTTPConnection("127.0.0.1", 8080)',
        'yarl.URL.build(scheme="http", host="localhost")',
        'x = "http://"',
        'x = "http://["',
    ],
)
def test_what_is_encrypted_here_or_only_a_name_is_no_finding(code):
    assert rules(code) == []


def test_a_default_is_told_once_and_also_where_code_does_not_show_it():
    config = {"params": [{"name": "url", "default": "http://shop.example.com"}, {"name": "x", "default": 3}]}
    assert rules('x = "http://shop.example.com"', config) == ["connections_are_encrypted"]
    assert rules("", config) == ["connections_are_encrypted"]
    assert rules("", {"params": [{"name": "url", "default": "http://localhost"}]}) == []
    assert rules("", "no CONFIG") == []


def test_no_password_of_an_address_is_shown():
    (finding,) = judge_code({"a.py": 'x = "http://me:hunter2@api.example.com/a?key=hunter2"'}, {}).findings
    assert "hunter2" not in str(finding)
    assert "api.example.com/a" in finding.found
    assert (finding.line, finding.column) == (1, 5)


# ---------------------------------------------------------------------- certificates


@pytest.mark.parametrize(
    "code",
    [
        "requests.get(url, verify=False)",
        "session.verify = False",
        "self._session.verify = False",
        "if source['ssl']: context.check_hostname = False",
        "httpx.Client(verify=False)",
        "httpx.AsyncClient(timeout=5, verify=False)",
        "session.get(url, ssl=False)",
        "aiohttp.TCPConnector(ssl=False)",
        "aiohttp.TCPConnector(verify_ssl=False)",
        "context = ssl._create_unverified_context()",
        "ssl._create_default_https_context = ssl._create_unverified_context",
        "context.check_hostname = False",
        "context.verify_mode = ssl.CERT_NONE",
        "context.verify_mode = CERT_NONE",
        'urllib3.PoolManager(cert_reqs="CERT_NONE")',
        "urllib3.PoolManager(cert_reqs=ssl.CERT_NONE)",
        "urllib3.PoolManager(assert_hostname=False)",
        "urllib3.disable_warnings()",
        "requests.packages.urllib3.disable_warnings(InsecureRequestWarning)",
        'psycopg2.connect(host=host, sslmode="disable")',
        'psycopg2.connect(f"host={host} sslmode=allow user={user}")',
        'url = "postgresql://db.example.com/x?sslmode=disable"',
        'options = {"sslmode": "disable"}',
        "MongoClient(uri, tlsAllowInvalidCertificates=True)",
        'pyodbc.connect(f"Server={host};Encrypt=yes;TrustServerCertificate=yes;")',
        'pyodbc.connect(f"Server={host};Encrypt=no;")',
        "psycopg.connect(f\"host={host} sslmode='disable'\")",
        "os.environ['PGSSLMODE'] = 'disable'",
        "os.environ['CURL_CA_BUNDLE'] = ''",
        "os.environ.setdefault('PYTHONHTTPSVERIFY', '0')",
        "os.environ.update({'REQUESTS_CA_BUNDLE': ''})",
        "requests.get(url, verify=0)",
        "VERIFY = False\nrequests.get(url, verify=VERIFY)",
        "VERIFY: bool = False\nhttpx.Client(verify=VERIFY)",
        "def get(url, verify=False):\n    return requests.get(url, verify=verify)",
        "class A:\n    def __init__(self):\n        self._verify = False\n    def read(self):\n        requests.get(url, verify=self._verify)",
        "requests.get(url, **{'verify': False})",
        "options = {'verify': False, 'timeout': 3}\nrequests.get(url, **options)",
        "options = dict(verify=False)\nrequests.get(url, **options)",
        "options['verify'] = False\nrequests.get(url, **options)",
        "JIRA(options={'server': url, 'verify': False})",
        "session.verify = self.secure = False",
        "context.check_hostname, context.verify_mode = False, ssl.CERT_NONE",
        "context.verify_mode = ssl.VerifyMode.CERT_NONE",
        "pool.assert_hostname = False",
        "connection.cert_reqs = 'CERT_NONE'",
        "httpx.create_ssl_context(verify=False)",
        "ssl._create_stdlib_context()",
        "context = ssl.SSLContext()",
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS)",
        "context = ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)",
        "ssl.wrap_socket(sock)",
        "warnings.simplefilter('ignore', InsecureRequestWarning)",
        "curl.setopt(pycurl.SSL_VERIFYPEER, 0)",
        "subprocess.run(['curl', '-k', url])",
        "pymysql.connect(host=host, ssl_verify_identity=False)",
        "mysql.connector.connect(host=host, ssl_disabled=True)",
        "snowflake.connector.connect(account=account, insecure_mode=True)",
        "Consumer({'enable.ssl.certificate.verification': 'false'})",
        "boto3.client('s3', use_ssl=False)",
    ],
)
def test_a_check_that_is_turned_off_is_told(code):
    assert rules(code) == ["certificates_are_checked"]


@pytest.mark.parametrize(
    "code",
    [
        "requests.get(url, verify=True)",
        "requests.get(url, verify='/etc/ca.pem')",
        "requests.get(url, verify=source.get('verify', True))",
        "jwt.decode(token, verify=False)",
        "order.validate(verify=False)",
        "context.check_hostname = True",
        "context.verify_mode = ssl.CERT_REQUIRED",
        "if context.verify_mode == ssl.CERT_NONE: raise ValueError",
        "if source['self_signed']: context.check_hostname = False",
        "requests.get(url, verify=False if source['insecure'] else True)",
        "psycopg2.connect(host=host, sslmode='require')",
        "psycopg2.connect(host=host, sslmode=source['sslmode'])",
        "MODES = ['disable', 'require']",
        "self.verify = False",
        "order.verify = False",
        "if not source['verify']: session.verify = False",
        "logging.disable(warnings)",
        "connect(ssl=context)",
        "requests.post(url, json={'verify': False})",
        "session.post(url, {'verify': False})",
        "options = {'verify': False}\nrequests.post(url, json=options)",
        "VERIFY = False\nVERIFY = True\nrequests.get(url, verify=VERIFY)",
        "def get(url, verify):\n    return requests.get(url, verify=verify)\nverify = False",
        "def context(verify):\n    if verify:\n        return ssl.create_default_context()\n    return ssl._create_unverified_context()",
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)",
        "context = ssl.SSLContext(protocol)",
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS)\ncontext.verify_mode = ssl.CERT_REQUIRED",
        "os.environ['REQUESTS_CA_BUNDLE'] = path",
        "curl.setopt(pycurl.SSL_VERIFYPEER, 1)",
        "subprocess.run(['tar', '-k', name])",
        "Server(host, use_ssl=False)",
        "'''Never use sslmode=disable here.'''",
    ],
)
def test_a_check_that_stays_on_or_is_the_users_choice_is_no_finding(code):
    assert rules(code) == []


# ---------------------------------------------------------------------- redirects


@pytest.mark.parametrize(
    "code",
    [
        'import requests\nrequests.get(url, headers={"X-Api-Key": key})',
        'import requests\nsession.headers["X-Auth-Token"] = token',
        'import requests\nsession.headers.update({"Private-Token": token})',
        'import requests\ndef _headers(self):\n    return {"apikey": self.key}',
        'import requests\nrequests.get(url, headers={"X-Api-Key": key}, allow_redirects=True)',
        'from aiohttp import ClientSession\nheaders = {"X-Api-Key": key}',
        'import httpx\nhttpx.Client(headers={"X-Api-Key": key}, follow_redirects=True)',
        'import httpx\nclient.follow_redirects = True\nclient.headers["X-Api-Key"] = key',
        'from urllib.request import Request, urlopen\nurlopen(Request(url, headers={"Authorization": token}))',
        'import urllib.request\nrequest.add_header("Authorization", token)\nurllib.request.urlopen(request)',
        'import urllib.request\nurllib.request.Request(url, None, {"Authorization": token})',
    ],
)
def test_a_header_that_travels_along_is_told(code):
    assert rules(code) == ["redirects_carry_no_credentials"]


@pytest.mark.parametrize(
    "code",
    [
        'import requests\nrequests.get(url, headers={"Authorization": token})',
        'import requests\nrequests.get(url, headers={"X-Api-Key": key}, allow_redirects=False)',
        'import requests\nsession.max_redirects = 0\nsession.headers["X-Api-Key"] = key',
        'import requests\nrequests.get(url, headers={"Accept": "x", "X-Csrf-Token": token, "X-Page-Token": page})',
        'import requests\nrequests.get(url, params={"token": token})',
        'import httpx\nhttpx.Client(headers={"X-Api-Key": key})',
        'import httpx\nhttpx.Client(headers={"Authorization": key}, follow_redirects=True)',
        'import urllib.request\nrequest.add_unredirected_header("Authorization", token)',
        'import urllib.request\nclass Stay(HTTPRedirectHandler): pass\nrequest.add_header("Authorization", token)',
        'import json\nheaders = {"X-Api-Key": key}',
        'from urllib.request import parse_http_list\nrequest.headers["Authorization"] = token',
        'import urllib.parse\nheaders = {"Authorization": key}',
    ],
)
def test_a_header_that_stays_is_no_finding(code):
    assert rules(code) == []


def test_what_is_said_of_redirects_in_one_file_holds_for_the_others():
    code = {
        "a.py": "import requests\nsession.headers['X-Api-Key'] = key",
        "b.py": "session.get(u, allow_redirects=False)",
    }
    assert rules(code) == []


@pytest.mark.parametrize("code", ["", "x = (", "\0"])
def test_what_cannot_be_read_is_other_rules_business(code):
    assert rules(code) == []


@pytest.fixture
def followed():
    """Two hosts of this machine, of which one redirects to the other; and the headers that came to that."""
    arrived: dict[str, str] = {}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/there":
                arrived.update(self.headers)
                self.send_response(200)
            else:
                self.send_response(302)
                self.send_header("Location", f"http://localhost:{self.server.server_port}/there")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/here", arrived
        finally:
            server.shutdown()
            thread.join()


SECRETS = {"Authorization": "Bearer made-up", "X-Api-Key": "made-up"}


def by_urllib(url, *, carried=True):
    request = urllib.request.Request(url)
    for name, value in SECRETS.items():
        (request.add_header if carried else request.add_unredirected_header)(name, value)
    urllib.request.urlopen(request, timeout=10).close()


def by_requests(url):
    requests.get(url, headers=SECRETS, timeout=10, proxies={"no_proxy": "*"})


def by_httpx(url):
    httpx.get(url, headers=SECRETS, follow_redirects=True, trust_env=False)


def by_aiohttp(url):
    async def get():
        async with aiohttp.ClientSession() as session, session.get(url, headers=SECRETS) as answer:
            await answer.read()

    asyncio.run(get())


@pytest.mark.parametrize(
    ("library", "get"),
    [("urllib.request", by_urllib), ("requests", by_requests), ("httpx", by_httpx), ("aiohttp", by_aiohttp)],
)
def test_what_is_said_of_a_library_is_what_it_does(followed, library, get):
    url, arrived = followed
    get(url)
    carried = {name for name in SECRETS if name.lower() in map(str.lower, arrived)}
    assert carried == {name for name in SECRETS if name.lower() not in _STRIPPED[library]}


def test_what_is_advised_for_urllib_helps(followed):
    url, arrived = followed
    by_urllib(url, carried=False)
    assert "User-Agent" in arrived
    assert not {*SECRETS, "X-api-key"} & set(arrived)


# ---------------------------------------------------------------------- runs


def ran(*where, reached=(), test=""):
    return Ran(
        sources=(SourceReport(name="shop"),),
        refused=tuple(Refused(where=each, test=test) for each in where),
        reached=reached,
    )


TEXTS = {"shop/source.py": 'import x\n\nx.send("https://telemetry.example.com/v1")\n'}


@pytest.mark.parametrize("where", ["telemetry.example.com:443", "telemetry.example.com"])
def test_a_host_of_the_sources_own_choice_is_told_where_it_is_named(where):
    (finding,) = judge_run(ran(where), TEXTS).findings
    assert (finding.rule, finding.path, finding.line) == ("runs_reach_nobody_else", "shop/source.py", 3)
    assert where in finding.found


@pytest.mark.parametrize(
    "where", ["wrong.example.com:443", "example.com:443", "telemetry.example.community:443", "2001:db8::1"]
)
def test_a_host_that_the_code_does_not_name_may_be_a_params(where):
    outcome = judge_run(ran(where, reached=("127.0.0.1",)), TEXTS)
    assert outcome.findings == ()
    assert outcome.notes[0].text.startswith("In the contract's runs there were connections to 127.0.0.1; ")
    assert where in outcome.notes[0].text


def test_what_stands_in_for_a_param_that_is_left_out_is_no_choice_of_the_sources():
    where = "telemetry.example.com:443"
    for check in ("constructor_rejects_bad_params", "config_values_resolve"):
        assert judge_run(ran(where, test=f"shop::{check}"), TEXTS).findings == ()
    assert judge_run(ran(where, test="shop::read_ends_with_none"), TEXTS).findings != ()


@pytest.mark.parametrize(
    "code",
    [
        '"""Written for https://telemetry.example.com."""',
        'raise ValueError("Make a token at https://telemetry.example.com/tokens.")',
        'self.log("See https://telemetry.example.com.")',
        'CONFIG = {"params": [{"name": "url", "default": "https://telemetry.example.com"}]}',
        'CONFIG = {"params": [{"name": "url", "help": "As in https://telemetry.example.com"}]}',
    ],
)
def test_what_only_tells_people_of_a_host_connects_to_none(code):
    assert judge_run(ran("telemetry.example.com:443"), {"a.py": code}).findings == ()


def test_a_host_that_is_a_params_default_is_named_by_a_param():
    config = {"params": [{"name": "url", "default": "https://telemetry.example.com/v1"}]}
    outcome = judge_run(ran("telemetry.example.com:443"), TEXTS, {"shop/config.py": config})
    assert outcome.findings == ()
    assert "telemetry.example.com:443" in outcome.notes[0].text


def test_where_nobody_connects_there_is_nothing_to_note():
    assert judge_run(ran(), TEXTS).notes == ()


def test_the_guard_notes_each_host_once(tmp_path):
    code = (
        "import socket\n"
        "with socket.create_server(('127.0.0.1', 0)) as server:\n"
        "    for _ in range(3):\n"
        "        socket.create_connection(server.getsockname()).close()\n"
        "try:\n    socket.socket().connect(('203.0.113.7', 80))\nexcept OSError: pass\n"
    )
    child = Child(scratch=tmp_path)
    assert child.run(["-c", code], cwd=tmp_path, limit=20).code == 0
    assert child.reached.read_text() == '{"host": "127.0.0.1"}\n'
    assert "203.0.113.7" in child.refused.read_text()


def test_a_source_that_phones_home_is_told(project, tmp_path):
    home = SOURCE.replace(
        "        size = n or 100\n",
        "        import contextlib, socket\n"
        "        with contextlib.suppress(OSError):\n"
        "            socket.create_connection(('telemetry.example.com', 443), timeout=1).close()\n"
        "        size = n or 100\n",
    )
    site = site_of(project({"shop/source.py": home}), tmp_path / "scratch", "runs_reach_nobody_else")
    outcome = family.look(site)
    assert [(each.rule, each.path) for each in outcome.findings] == [("runs_reach_nobody_else", "shop/source.py")]
    assert set(outcome.judged) == {rule.name for rule in family.RULES}


def test_a_right_source_has_no_finding_and_one_that_cannot_be_run_is_read(project, tmp_path):
    outcome = family.look(site_of(project(), tmp_path / "scratch", "connections_are_encrypted"))
    assert outcome.findings == ()
    broken = project({"shop/source.py": 'import no_such_library\nURL = "http://api.example.com"\n'}, "other")
    outcome = family.look(site_of(broken, tmp_path / "scratch", "runs_reach_nobody_else"))
    assert [each.rule for each in outcome.findings] == ["connections_are_encrypted"]
    assert [(each.rule, each.reason) for each in outcome.unchecked] == [
        ("runs_reach_nobody_else", "the module cannot be imported")
    ]

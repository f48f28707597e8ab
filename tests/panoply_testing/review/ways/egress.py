"""The ways in which a source connects to whom it should not, or not as it should."""

from __future__ import annotations

from textwrap import indent

from ways._making import SOURCE, Ways, append, at_top, edit, in_read, method, way

_NEVER = 'if self.source.get("region") == "far":\n'


_ASK = "import urllib.request\n\nself.log(urllib.request.urlopen({0}, timeout=30).status)"


def _never(code: str):
    """What the contract's runs do not come to."""
    return in_read(_NEVER + "".join(f"    {line}\n" for line in code.splitlines()))


def _when_closed(code: str):
    """What the contract's runs come to, and the project's own tests do not."""
    return method(f"def close(self):\n{indent(code, '    ')}")


def _online(phrase, *steps):
    return way(phrase, *steps, is_online=True)


def _session(code: str):
    return edit(
        SOURCE, "        self._session = requests.Session()\n", f"        self._session = requests.Session()\n{code}"
    )


WAYS = {
    "connections_are_encrypted": Ways(
        broken=(
            way(
                "an address that is a constant",
                at_top('URL = "http://api.shop.example/v1"'),
                _never(_ASK.format("URL")),
            ),
            way(
                "an address with a host that is filled in",
                _never(_ASK.format("f\"http://{self.source['region']}.shop.example/v1\"")),
            ),
            way(
                "the default of a param",
                edit("shop/config.py", '"title": "Region"', '"title": "Region", "default": "http://eu.shop.example"'),
            ),
            way("put together with a plus", _never(_ASK.format("'http://' + self.source['region'] + '/v1'"))),
            way(
                "FTP, for a file of prices, through a helper",
                at_top('PRICES = "ftp://files.shop.example/prices.csv"'),
                method("def _open(self, address):\n    " + _ASK.format("address").replace("\n", "\n    ")),
                _never("self._open(PRICES)"),
            ),
        ),
        kept=(
            way("this machine", at_top('URL = "http://localhost:8080/v1"'), in_read("self.log(len(URL))")),
            way(
                "the name of a namespace",
                at_top('SPACES = {"a": "http://www.w3.org/2005/Atom"}'),
                in_read("self.log(len(SPACES))"),
            ),
            way(
                "a link for users to read",
                edit("shop/config.py", '"title": "Region"', '"title": "Region", "link": "http://shop.example/help"'),
            ),
            way(
                "what is refused",
                _never('if self.source["region"].startswith("http://"):\n    raise ValueError("Use https.")'),
            ),
        ),
    ),
    "certificates_are_checked": Ways(
        broken=(
            _online(
                "verify=False at a call",
                edit(SOURCE, "timeout=SECONDS,", "timeout=SECONDS,\n            verify=False,"),
            ),
            _online("for the whole session", _session("        self._session.verify = False\n")),
            way("a context without checks", _never("import ssl\n\nself.log(ssl._create_unverified_context())")),
            way(
                "a context whose checks are turned off",
                _never(
                    "import ssl\n\ncontext = ssl.create_default_context()\ncontext.check_hostname = False\ncontext.verify_mode = ssl.CERT_NONE\nself.log(context)"
                ),
            ),
            way(
                "in the address of a database",
                at_top('ADDRESS = "postgresql://db.shop.example/orders?sslmode=disable"'),
                in_read("self.log(len(ADDRESS))"),
            ),
            _online(
                "the warnings about it are silenced",
                edit(SOURCE, "import requests\n", "import requests\nimport urllib3\n\nurllib3.disable_warnings()\n"),
                edit("pyproject.toml", '"requests>=2.31"', '"requests>=2.31", "urllib3>=1.26.9"'),
            ),
        ),
        kept=(
            _online("it is said that they are checked", _session("        self._session.verify = True\n")),
            way(
                "verify of something else",
                method(
                    'def verify(self, strict=True):\n    """Look whether there are rows."""\n    return bool(self._left) or not strict'
                ),
                in_read("self.log(self.verify(strict=False))"),
            ),
            way(
                "the users decide, by a param that says so",
                edit(
                    "shop/config.py",
                    '{"name": "region"',
                    '{"name": "insecure", "title": "Do not check certificates", "type": "checkbox"},\n        {"name": "region"',
                ),
                append("README.md", "\n`insecure`: do not check.\n"),
                in_read(
                    'import ssl\n\ncontext = ssl.create_default_context()\nif self.source.get("insecure"):\n    context.check_hostname = False\n    context.verify_mode = ssl.CERT_NONE\nself.log(type(context).__name__)'
                ),
            ),
        ),
    ),
    "redirects_carry_no_credentials": Ways(
        broken=(
            _online(
                "a key in a header of its own",
                edit(
                    SOURCE,
                    '"Authorization": f"Bearer {self.source[\'token\']}"',
                    '"Authorization": f"Bearer {self.source[\'token\']}", "X-Api-Key": self.source["token"]',
                ),
            ),
            _online(
                "a header of the session", _session('        self._session.headers["X-Auth-Token"] = source["token"]\n')
            ),
            _online(
                "several headers at once",
                _session(
                    '        self._session.headers.update({"Accept": "application/json", "Api-Key": source["token"]})\n'
                ),
            ),
            _online(
                "a function that makes the headers",
                edit(
                    SOURCE, 'headers={"Authorization": f"Bearer {self.source[\'token\']}"}', "headers=self._headers()"
                ),
                method(
                    'def _headers(self):\n    return {"Authorization": f"Bearer {self.source[\'token\']}", "X-Shop-Access-Token": self.source["token"]}'
                ),
            ),
            way(
                "urllib, which takes all headers along",
                _never(
                    'import urllib.request\n\nasked = urllib.request.Request("https://api.shop.example")\nasked.add_header("Authorization", self.source["token"])\nself.log(urllib.request.urlopen(asked, timeout=30).status)'
                ),
            ),
        ),
        kept=(
            _online(
                "redirects are not followed",
                edit(
                    SOURCE,
                    '"Authorization": f"Bearer {self.source[\'token\']}"',
                    '"Authorization": f"Bearer {self.source[\'token\']}", "X-Api-Key": self.source["token"]',
                ),
                edit(SOURCE, "timeout=SECONDS,", "timeout=SECONDS,\n            allow_redirects=False,"),
            ),
            _online("a header without a credential", _session('        self._session.headers["X-Page-Token"] = "1"\n')),
            _online("Authorization, which the library takes out"),
        ),
    ),
    "runs_reach_nobody_else": Ways(
        broken=(
            way(
                "a service that counts the runs, when the source is closed",
                _when_closed(
                    'import urllib.request\n\ntry:\n    urllib.request.urlopen("https://metrics.author.example/run", timeout=5)\nexcept OSError:\n    self.log("not counted")'
                ),
            ),
            way(
                "the author's collector of errors, by UDP",
                _when_closed(
                    'import socket\n\nwith socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:\n    sock.settimeout(5)\n    try:\n        sock.sendto(b"read", ("203.0.113.77", 8125))\n    except OSError:\n        self.log("not sent")'
                ),
            ),
            way(
                "it looks whether there is a newer version",
                at_top('NEWEST = "versions.author.example"'),
                _when_closed(
                    'import socket\n\ntry:\n    self.log(socket.gethostbyname(NEWEST))\nexcept OSError:\n    self.log("no newer version")'
                ),
            ),
        ),
        kept=(
            _online("only the far end that the params name"),
            way("a host that is only named", at_top('HELP = "https://help.author.example"'), in_read("self.log(HELP)")),
        ),
    ),
}

"""The ways in which a project's own tests are missing, fail, need others, or test nothing."""

from __future__ import annotations

from ways._making import SOURCE, Ways, append, edit, method, move, remove, settings, way, write

TESTS = "tests/test_source.py"

_HEAD = "from shop import Stream\n\n\ndef read():\n    return Stream({'token': 'made-up'}, {}).read()\n"

# Half of it runs where nobody has looked.
_UNRUN = '''
def told(row):
    """In words."""
    if row < 0:
        return "less than nothing"
    if row == 0:
        return "nothing"
    if row > 100:
        return "a lot"
    if row > 10:
        return "some"
    return "few"
'''

_CONVERTS = '''
import panoply


def cents(price):
    """Give a price in cents."""
    whole, _, part = price.partition(".")
    if not part:
        return int(whole) * 100
    return int(whole) * 100 + int(part)


def named(number, names):
    """Give a name with a number."""
    if number in names:
        return names[number]
    if number > len(names):
        return "later"
    return "unknown"


def next_page(page, pages):
    """Give the number of the page that follows."""
    if page == pages:
        return 0
    return page + 1


class Stream(panoply.DataSource):
    """Gives three rows."""

    def __init__(self, source, options=None):
        super().__init__(source, options)
        if not source.get("token"):
            raise panoply.PanoplyException("The token is missing: make one in the shop's settings.", retryable=False)
        self._left = [] if source.get("region") == "nowhere" else ["1", "2.50", "3"]

    def read(self, n=None):
        """Give one batch."""
        if not self._left:
            return None
        size = n or 100
        batch, self._left = self._left[:size], self._left[size:]
        self.log("read", len(batch))
        self.progress(3 - len(self._left), 3, "rows")
        return [{"cents": cents(each), "name": named(1, {1: "one"}), "next": next_page(1, 2)} for each in batch]
'''

_FEW = settings("[tool.panoply.review]\nmutants = 6")


def _asks(code: str, head: str = "") -> tuple:
    return (
        append(TESTS, f"\n\n{code}"),
        *((edit(TESTS, "from shop import Stream", f"{head}\nfrom shop import Stream"),) if head else ()),
    )


WAYS = {
    "tests_exist": Ways(
        broken=(
            way("there are none, only fixtures", remove(TESTS)),
            way("a file whose name pytest does not know", move(TESTS, "tests/source_checks.py")),
            way("functions whose names do not begin with test", edit(TESTS, "def test_all", "def check_all")),
            way(
                "the settings for pytest lead to another folder",
                edit("pyproject.toml", 'testpaths = ["tests"]', 'testpaths = ["checks"]'),
                move("tests/conftest.py", "conftest.py"),
                write("checks/notes.md", "To be done.\n"),
            ),
            way(
                "only the contract, as a class",
                write(
                    TESTS,
                    "from panoply_testing import SourceContract\n\nimport shop\n\n\nclass TestShop(SourceContract):\n    source = shop\n",
                ),
            ),
            way(
                "a script that asserts when it is imported",
                write(
                    TESTS,
                    "from shop import Stream\n\nif __name__ == '__main__':\n    assert Stream({'token': 'made-up'}, {}).read()\n",
                ),
            ),
        ),
        kept=(
            way(
                "in the package itself",
                move(TESTS, "shop/tests/test_source.py"),
                edit("pyproject.toml", 'testpaths = ["tests"]', 'testpaths = ["tests", "shop"]'),
            ),
            way(
                "as unittest has them",
                write(
                    TESTS,
                    "import unittest\n\nfrom shop import Stream\n\n\nclass Reads(unittest.TestCase):\n    def test_rows(self):\n        self.assertEqual(len(Stream({'token': 'made-up'}, {}).read()), 3)\n",
                ),
            ),
            way("in a file that ends in _test", move(TESTS, "tests/source_test.py")),
        ),
    ),
    "tests_pass": Ways(
        broken=(
            way("an expectation that no longer holds", edit(TESTS, "[1, 2, 3]", "[1, 2]")),
            way("an import of something that was renamed", edit(TESTS, "import Stream", "import ShopStream as Stream")),
            way(
                "a fixture that is nowhere", append(TESTS, "\n\ndef test_rows(shop_server):\n    assert shop_server\n")
            ),
            way(
                "a known failure that does not fail any more",
                edit(TESTS, "\n\ndef test_all", "\n\n@pytest.mark.xfail(strict=True)\ndef test_all"),
                edit(TESTS, "from shop", "import pytest\nfrom shop"),
            ),
            way(
                "a file that only its author has",
                append(TESTS, "\n\ndef test_rows():\n    assert open('/home/somebody/rows.json').read()\n"),
            ),
            way(
                "a fixture that fails when it is over",
                append(
                    "tests/conftest.py",
                    "\n\n@pytest.fixture(autouse=True)\ndef server():\n    yield\n    raise RuntimeError('still open')\n",
                ),
            ),
            way("a test that ends pytest", append(TESTS, "\n\ndef test_rows():\n    import os\n\n    os._exit(3)\n")),
            way(
                "an option that pytest does not know",
                edit("pyproject.toml", 'testpaths = ["tests"]', 'testpaths = ["tests"]\naddopts = "--no-such-option"'),
            ),
        ),
        kept=(
            way(
                "a failure that is expected, with its reason",
                append(
                    TESTS,
                    "\n\n@pytest.mark.xfail(reason='the shop counts from 0')\ndef test_first():\n    assert Stream({'token': 'made-up'}, {}).read()[0]['number'] == 0\n",
                ),
                edit(TESTS, "from shop", "import pytest\nfrom shop"),
            ),
            way(
                "a test that is skipped elsewhere",
                append(
                    TESTS,
                    "\n\n@pytest.mark.skipif(True, reason='only on Windows')\ndef test_paths():\n    assert False\n",
                ),
                edit(TESTS, "from shop", "import pytest\nfrom shop"),
            ),
            way(
                "an exception that is asked for",
                append(
                    TESTS,
                    "\n\ndef test_no_token():\n    with pytest.raises(Exception, match='token'):\n        Stream({}, {})\n",
                ),
                edit(TESTS, "from shop", "import pytest\nfrom shop"),
            ),
        ),
    ),
    "tests_need_no_network": Ways(
        broken=(
            way(
                "a request to the real API",
                *_asks(
                    "def test_live():\n    assert urllib.request.urlopen('https://api.shop.example/v1').status == 200\n",
                    "import urllib.request\n",
                ),
            ),
            way(
                "it is skipped when nobody answers",
                *_asks(
                    "def test_live():\n    try:\n        socket.create_connection(('api.shop.example', 443), 1)\n    except OSError:\n        pytest.skip('offline')\n    assert Stream\n",
                    "import socket\n\nimport pytest\n",
                ),
            ),
            way(
                "a name is looked up",
                *_asks(
                    "def test_name():\n    try:\n        found = socket.gethostbyname('shop.example')\n    except OSError:\n        found = ''\n    assert found is not None\n",
                    "import socket\n",
                ),
            ),
            way(
                "a fixture for all tests makes sure that the API is up",
                append(
                    "tests/conftest.py",
                    "\n\n@pytest.fixture(scope='session', autouse=True)\ndef api():\n    import socket\n\n    try:\n        socket.create_connection(('198.51.100.7', 443), 1).close()\n    except OSError:\n        pass\n",
                ),
            ),
            way(
                "it reaches out when it is imported",
                edit(
                    TESTS,
                    "\n\ndef test_all",
                    "\ntry:\n    urllib.request.urlopen('http://shop.example/rows.json')\nexcept OSError:\n    ROWS = None\n\n\ndef test_all",
                ),
                edit(TESTS, "from shop", "import urllib.request\n\nfrom shop"),
            ),
            way(
                "a message by UDP",
                *_asks(
                    "def test_metric():\n    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n    try:\n        sent = sock.sendto(b'tests:1|c', ('203.0.113.9', 8125))\n    except OSError:\n        sent = 0\n    sock.close()\n    assert sent >= 0\n",
                    "import socket\n",
                ),
            ),
        ),
        kept=(
            way(
                "a server of its own",
                *_asks(
                    "def test_server():\n    server = socket.create_server(('127.0.0.1', 0))\n    client = socket.create_connection(server.getsockname())\n    assert client.getpeername()[0] == '127.0.0.1'\n    client.close()\n    server.close()\n",
                    "import socket\n",
                ),
            ),
            way(
                "a name that leads here",
                *_asks("def test_name():\n    assert socket.getaddrinfo('localhost', 80)\n", "import socket\n"),
            ),
            way(
                "a request that is only pretended",
                *_asks(
                    "def test_live(monkeypatch):\n    monkeypatch.setattr(urllib.request, 'urlopen', lambda url: 200)\n    assert urllib.request.urlopen('https://api.shop.example/v1') == 200\n",
                    "import urllib.request\n",
                ),
            ),
        ),
    ),
    "tests_cover_the_source": Ways(
        broken=(
            way("a module that no test runs", write("shop/words.py", _UNRUN)),
            way(
                "only the constructor is tested",
                write(
                    TESTS,
                    "from shop import Stream\n\n\ndef test_made():\n    assert Stream({'token': 'made-up'}, {}).source\n",
                ),
            ),
            way(
                "the test that runs it is skipped",
                edit(TESTS, "\n\ndef test_all", "\n\n@pytest.mark.skip(reason='slow')\ndef test_all"),
                edit(TESTS, "from shop", "import pytest\nfrom shop"),
                append(TESTS, "\n\ndef test_name():\n    assert Stream.__name__ == 'Stream'\n"),
            ),
            way(
                "branches for other cases",
                method(
                    "def _kind(self, row):\n    if row == 1:\n        return 'one'\n    if row == 2:\n        return 'two'\n    if row == 3:\n        return 'three'\n    return 'many'"
                ),
            ),
            way("less than its own settings ask for", settings("[tool.panoply.review]\nleast_coverage = 100")),
            way(
                "the tests replace what they should run",
                write(
                    TESTS,
                    "from shop import Stream\n\n\ndef test_rows(monkeypatch):\n    monkeypatch.setattr(Stream, 'read', lambda self, n=None: [1])\n    assert Stream({'token': 'made-up'}, {}).read() == [1]\n",
                ),
            ),
        ),
        kept=(
            way(
                "what cannot be run here is marked",
                write("shop/words.py", _UNRUN.replace("def told(row):", "def told(row):  # pragma: no cover")),
            ),
            way(
                "less is asked for, by its settings",
                write("shop/words.py", _UNRUN),
                settings("[tool.panoply.review]\nleast_coverage = 30"),
            ),
            way(
                "imports for type checkers only",
                edit(
                    SOURCE,
                    "import panoply\n",
                    "from typing import TYPE_CHECKING\n\nimport panoply\n\nif TYPE_CHECKING:\n    from collections.abc import Iterator\n    from collections.abc import Sequence\n\n    Rows = Iterator[Sequence[int]]\n",
                ),
            ),
        ),
    ),
    "tests_assert_something": Ways(
        broken=(
            way("it only calls", write(TESTS, f"{_HEAD}\n\ndef test_rows():\n    read()\n")),
            way("it prints what comes out", write(TESTS, f"{_HEAD}\n\ndef test_rows():\n    print(read())\n")),
            way("a comparison without an assert", write(TESTS, f"{_HEAD}\n\ndef test_rows():\n    len(read()) == 3\n")),
            way(
                "an assert with a tuple",
                write(
                    TESTS,
                    f"{_HEAD}\n\ndef test_rows():\n    assert (len(read()) == 3, 'three rows')\n".replace(
                        "assert (", "assert  ("
                    ),
                ),
            ),
            way(
                "failures are caught",
                write(
                    TESTS,
                    f"{_HEAD}\n\ndef test_rows():\n    try:\n        assert len(read()) == 4\n    except AssertionError:\n        print('not yet')\n",
                ),
            ),
            way(
                "a helper that is called check, and logs",
                write(
                    TESTS,
                    f"{_HEAD}\n\ndef check(rows):\n    print(len(rows))\n\n\ndef test_rows():\n    check(read())\n",
                ),
            ),
            way(
                "a method of a class, which stops after the call",
                write(
                    TESTS,
                    f"{_HEAD}\n\nclass TestShop:\n    def test_rows(self):\n        rows = read()\n        assert True, rows\n",
                ),
            ),
        ),
        kept=(
            way(
                "a helper in conftest asserts",
                write(TESTS, f"{_HEAD}\n\ndef test_rows(same):\n    same(read(), 3)\n"),
                append(
                    "tests/conftest.py",
                    "\n\n@pytest.fixture\ndef same():\n    def same(rows, number):\n        assert len(rows) == number\n\n    return same\n",
                ),
            ),
            way(
                "an exception is asked for",
                append(TESTS, "\n\ndef test_no_token():\n    with pytest.raises(Exception):\n        Stream({}, {})\n"),
                edit(TESTS, "from shop", "import pytest\nfrom shop"),
            ),
            way(
                "a mock is asked",
                write(
                    TESTS,
                    "from unittest.mock import Mock\n\nfrom shop import Stream\n\n\ndef test_rows():\n    stream = Stream({'token': 'made-up'}, {})\n    stream.progress = Mock()\n    stream.read()\n    stream.progress.assert_called_once_with(3, 3, 'numbers')\n",
                ),
            ),
            way(
                "each row is compared, in a loop",
                write(
                    TESTS,
                    f"{_HEAD}\n\ndef test_rows():\n    for number, row in enumerate(read(), 1):\n        if row['number'] != number:\n            raise AssertionError(row)\n",
                ),
            ),
        ),
    ),
    "mistakes_are_noticed": Ways(
        broken=(
            way(
                "it is only looked whether rows come",
                _FEW,
                write(SOURCE, _CONVERTS),
                write(TESTS, f"{_HEAD}\n\ndef test_rows():\n    assert len(read()) == 3\n"),
                is_thorough=True,
                is_slow=True,
            ),
            way(
                "what comes is compared with itself",
                _FEW,
                write(SOURCE, _CONVERTS),
                write(TESTS, f"{_HEAD}\n\ndef test_rows():\n    assert read() == read()\n"),
                is_thorough=True,
                is_slow=True,
            ),
            way(
                "only the keys of the rows are compared",
                _FEW,
                write(SOURCE, _CONVERTS),
                write(
                    TESTS,
                    f"{_HEAD}\n\ndef test_rows():\n    assert {'{key for row in read() for key in row}'} == {{'cents', 'name', 'next'}}\n",
                ),
                is_thorough=True,
                is_slow=True,
            ),
        ),
        kept=(
            way(
                "each value is compared, that of each branch, too",
                _FEW,
                write(SOURCE, _CONVERTS),
                write(
                    TESTS,
                    f"import pytest\n{_HEAD}\n\ndef test_rows():\n    assert read()[1] == {{'cents': 250, 'name': 'one', 'next': 2}}\n    assert [row['cents'] for row in read()] == [100, 250, 300]\n\n\ndef test_each_branch():\n    from shop.source import named, next_page\n\n    assert (next_page(2, 2), next_page(1, 2)) == (0, 2)\n    assert [named(n, {{1: 'one', 5: 'five'}}) for n in (1, 2, 3, 5)] == ['one', 'unknown', 'later', 'five']\n\n\ndef test_no_token():\n    with pytest.raises(Exception, match='token'):\n        Stream({{}}, {{}})\n\n\ndef test_nowhere():\n    assert Stream({{'token': 'made-up', 'region': 'nowhere'}}, {{}}).read() is None\n",
                ),
                is_thorough=True,
                is_slow=True,
            ),
            way(
                "there is next to nothing that could be wrong",
                _FEW,
                write(
                    TESTS,
                    f"import pytest\n{_HEAD}\n\ndef test_rows():\n    assert [row['number'] for row in read()] == [1, 2, 3]\n\n\ndef test_no_token():\n    with pytest.raises(Exception, match='token'):\n        Stream({{}}, {{}})\n\n\ndef test_nowhere():\n    assert Stream({{'token': 'made-up', 'region': 'nowhere'}}, {{}}).read() is None\n",
                ),
                is_thorough=True,
                is_slow=True,
            ),
        ),
    ),
}

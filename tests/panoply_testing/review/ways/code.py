"""The ways in which the code of a source is not as it should be."""

from __future__ import annotations

from ways._making import SOURCE, Ways, append, at_top, edit, in_constructor, in_read, method, settings, way, write

_END = "        if not self._left:\n            return None\n"
_ASK = "            timeout=SECONDS,\n"
_CALL = "        found = self._ask(self._page)\n"
_GET = "        answer = self._session.get("


def _online(phrase, *steps):
    return way(phrase, *steps, is_online=True)


def _swallowed(phrase, *steps):
    """A failure is taken for something else, and no test of the project's looks whether it is."""
    return _online(phrase, edit("tests/test_source.py", '["", "another-token"]', '[""]'), *steps)


WAYS = {
    "files_are_valid_python": Ways(
        broken=(
            way("a bracket that is never closed", append(SOURCE, "\n\nTABLES = [\n    'orders',\n")),
            way("a print of Python 2, in a module that nobody imports", write("shop/old.py", 'print "rows"\n')),
            way(
                "tabs between blanks",
                write("shop/words.py", "def told(row):\n    if row:\n\treturn 'a row'\n        return ''\n"),
            ),
            way("a word of a later Python, as a name", write("shop/words.py", "async = True\n")),
            way("letters in no encoding", write("shop/words.py", b"NAME = 'Gr\xf6\xdfe'\n")),
            way("a null byte, left by an editor", write("shop/words.py", b"NAME = 1\n\0")),
            way(
                "half a statement, left when somebody was called away",
                edit(SOURCE, "        size = n or 100\n", "        size =\n"),
            ),
        ),
        kept=(
            way(
                "an old encoding, which the file names",
                write("shop/words.py", b"# -*- coding: latin-1 -*-\nNAME = 'Gr\xf6\xdfe'\n"),
            ),
            way("a mark of the byte order", write("shop/words.py", b"\xef\xbb\xbfNAME = 1\n")),
            way("a template, which is no Python yet", write("shop/query.py.tmpl", "def {name}(:\n")),
        ),
    ),
    "calls_have_time_limits": Ways(
        broken=(
            _online("a session's call without one", edit(SOURCE, _ASK, "")),
            _online("None, which means for ever", edit(SOURCE, "timeout=SECONDS", "timeout=None")),
            _online(
                "through a helper whose default is None",
                edit(SOURCE, _GET, "        answer = self._get("),
                edit(SOURCE, _ASK, ""),
                method(
                    "def _get(self, url, timeout=None, **more):\n    return self._session.get(url, timeout=timeout, **more)"
                ),
            ),
            _online(
                "urllib's, in another module",
                write(
                    "shop/about.py",
                    'import urllib.request\n\n\ndef about(url):\n    """Give what the shop says of itself."""\n    with urllib.request.urlopen(url + "/about") as answer:\n        return answer.read()\n',
                ),
                edit(
                    SOURCE,
                    "        batch =",
                    '        if self.source.get("region") == "about":\n            from .about import about\n\n            self.log(len(about(self.source["url"])))\n        batch =',
                ),
            ),
            _online("only for connecting, none for the answer", edit(SOURCE, "timeout=SECONDS", "timeout=(5, None)")),
            _online(
                "a request that is made beforehand, and sent",
                edit(
                    SOURCE,
                    "        batch =",
                    '        if self.source.get("region") == "about":\n            made = requests.Request("GET", self.source["url"]).prepare()\n            self.log(self._session.send(made).status_code)\n        batch =',
                ),
            ),
            way(
                "a bare socket",
                in_read(
                    'if self.source.get("region") == "socket":\n    import socket\n\n    with socket.socket() as sock:\n        sock.connect(("127.0.0.1", 9))'
                ),
            ),
        ),
        kept=(
            _online(
                "one for connecting, another for the answer", edit(SOURCE, "timeout=SECONDS", "timeout=(5, SECONDS)")
            ),
            _online(
                "a dict of arguments that are always the same",
                edit(SOURCE, _ASK, "            **ALWAYS,\n"),
                edit(SOURCE, "SECONDS = 30\n", 'ALWAYS = {"timeout": 30}\n'),
            ),
            _online(
                "a session of its own class sets it",
                edit(SOURCE, _ASK, ""),
                edit(SOURCE, "requests.Session()", "Patient()"),
                edit(
                    SOURCE,
                    "class Stream(",
                    'class Patient(requests.Session):\n    """Waits so long, and no longer."""\n\n    def request(self, *words, **more):\n        """Ask."""\n        more.setdefault("timeout", SECONDS)\n        return super().request(*words, **more)\n\n\nclass Stream(',
                ),
            ),
            way("get() of a dict", in_read('known = {"a": 1}\nself.log(known.get("a"))')),
        ),
    ),
    "failures_are_not_swallowed": Ways(
        broken=(
            _swallowed(
                "any exception is the end",
                edit(
                    SOURCE,
                    _CALL,
                    "        try:\n            found = self._ask(self._page)\n        except Exception:\n            return None\n",
                ),
            ),
            _swallowed(
                "a bare except, and an empty batch",
                edit(
                    SOURCE,
                    _CALL,
                    "        try:\n            found = self._ask(self._page)\n        except:  # noqa: E722\n            self.progress(self._loaded, self._loaded, 'orders')\n            return []\n",
                ),
            ),
            _swallowed(
                "an exception of the library's is logged, and nothing else",
                edit(
                    SOURCE,
                    _CALL,
                    "        try:\n            found = self._ask(self._page)\n        except requests.RequestException as exc:\n            self.log('failed', type(exc).__name__)\n            found = {'orders': [], 'next': None, 'total': self._loaded}\n            return None\n",
                ),
            ),
            _swallowed(
                "in a helper, which gives no rows",
                edit(
                    SOURCE,
                    "        answer.raise_for_status()\n        return answer.json()\n",
                    "        try:\n            answer.raise_for_status()\n            return answer.json()\n        except requests.HTTPError:\n            return {}\n",
                ),
                edit(
                    SOURCE,
                    '        batch = found["orders"]\n',
                    '        if not found:\n            return None\n        batch = found["orders"]\n',
                ),
            ),
            _swallowed(
                "it is suppressed",
                edit(SOURCE, "import panoply\n", "from contextlib import suppress\n\nimport panoply\n"),
                edit(
                    SOURCE,
                    _CALL,
                    "        found = None\n        with suppress(OSError):\n            found = self._ask(self._page)\n        if found is None:\n            return None\n",
                ),
            ),
            _swallowed(
                "after three attempts it is content",
                edit(
                    SOURCE,
                    _CALL,
                    "        for _ in range(3):\n            try:\n                found = self._ask(self._page)\n                break\n            except requests.ConnectionError:\n                continue\n        else:\n            return None\n",
                ),
            ),
        ),
        kept=(
            _online(
                "it is told, and let out",
                edit(
                    SOURCE,
                    _CALL,
                    "        try:\n            found = self._ask(self._page)\n        except requests.RequestException:\n            self.log('failed')\n            raise\n",
                ),
            ),
            _online(
                "it is tried again, and raised in the end",
                edit(
                    SOURCE,
                    _CALL,
                    "        for attempt in range(3):\n            try:\n                found = self._ask(self._page)\n                break\n            except requests.ConnectionError:\n                if attempt == 2:\n                    raise\n",
                ),
            ),
            _online(
                "another exception in its place",
                edit(
                    SOURCE,
                    _CALL,
                    "        try:\n            found = self._ask(self._page)\n        except requests.ConnectionError as exc:\n            raise panoply.PanoplyException('The shop cannot be reached.') from exc\n",
                ),
            ),
            way(
                "a number that is none",
                in_read('try:\n    size = int("x")\nexcept ValueError:\n    size = None\nself.log(size)'),
            ),
        ),
    ),
    "read_does_not_recurse": Ways(
        broken=(
            way(
                "an empty batch asks for the next one",
                edit(
                    SOURCE,
                    "        size = n or 100\n",
                    "        if self._left[0] is None:\n            self._left = self._left[1:]\n            return self.read(n)\n        size = n or 100\n",
                ),
            ),
            way(
                "through a helper",
                edit(
                    SOURCE,
                    "        size = n or 100\n",
                    "        if self._left[0] is None:\n            return self._skip(n)\n        size = n or 100\n",
                ),
                method("def _skip(self, n):\n    self._left = self._left[1:]\n    return self.read(n)"),
            ),
            way(
                "it is how a failure is tried again",
                edit(
                    SOURCE,
                    "        size = n or 100\n",
                    "        try:\n            self._left.sort()\n        except TypeError:\n            self._left = []\n            return Stream.read(self, n)\n        size = n or 100\n",
                ),
            ),
        ),
        kept=(
            way("read() of something else", in_read('import io\n\nself.log(io.StringIO("x").read())')),
            way(
                "read() of the class above",
                edit(
                    SOURCE,
                    "class Stream(panoply.DataSource):",
                    'class Base(panoply.DataSource):\n    """Reads nothing."""\n\n    def read(self, n=None):\n        """Give the end."""\n\n\nclass Stream(Base):',
                ),
                edit(SOURCE, _END, "        if not self._left:\n            return super().read(n)\n"),
            ),
            way(
                "a loop over pages without rows",
                edit(
                    SOURCE,
                    "        size = n or 100\n",
                    "        while self._left[0] is None:\n            self._left = self._left[1:]\n        size = n or 100\n",
                ),
            ),
        ),
    ),
    "nothing_is_printed": Ways(
        broken=(
            way("a print", in_read("print(len(batch))")),
            way(
                "in a helper of another module",
                write("shop/words.py", 'def told(rows):\n    """Tell of them."""\n    print("rows:", len(rows))\n'),
                in_read("from .words import told\n\ntold(batch)"),
            ),
            way("written to standard error", in_read('import sys\n\nsys.stderr.write("read\\n")')),
            way("pprint", in_read("from pprint import pprint\n\npprint(batch)")),
            way(
                "the traceback of what was caught",
                in_read(
                    "import traceback\n\ntry:\n    size = len(batch)\nexcept TypeError:\n    traceback.print_exc()\n    raise\nself.log(size)"
                ),
            ),
        ),
        kept=(
            way(
                "a print into a text",
                in_read('import io\n\npaper = io.StringIO()\nprint("rows", file=paper)\nself.log(paper.getvalue())'),
            ),
            way(
                "a part that is run as a program",
                append(SOURCE, '\n\nif __name__ == "__main__":\n    print(Stream({"token": "made-up"}, {}).read())\n'),
            ),
            way("the word in a text", in_read('self.log("print(1) is what it says")')),
        ),
    ),
    "constructor_does_no_work": Ways(
        broken=(
            _online(
                "the constructor asks for the first page",
                edit(
                    SOURCE, "        self._page = 1\n", "        self._first = self._ask(1)\n        self._page = 1\n"
                ),
            ),
            _online(
                "it makes sure that the token is right, in a helper",
                edit(SOURCE, "        self._page = 1\n", "        self._page = 1\n        self._check()\n"),
                method("def _check(self):\n    self._ask(1)"),
            ),
            way("it waits", in_constructor("import time\n\ntime.sleep(0.01)")),
            way(
                "importing asks for a list of regions",
                at_top(
                    'import urllib.request\n\ntry:\n    REGIONS = urllib.request.urlopen("http://127.0.0.1:9/regions", timeout=1).read()\nexcept OSError:\n    REGIONS = b""'
                ),
            ),
            way(
                "it opens a database",
                in_constructor(
                    'import socket\n\ntry:\n    socket.create_connection(("127.0.0.1", 9), timeout=1).close()\nexcept OSError:\n    pass'
                ),
            ),
        ),
        kept=(
            _online(
                "a session is made, and nobody is asked",
                edit(
                    SOURCE,
                    "        self._page = 1\n",
                    '        self._session.headers["Accept"] = "application/json"\n        self._page = 1\n',
                ),
            ),
            way(
                "a function is kept, which asks later",
                in_constructor("import time\n\nself._wait = lambda: time.sleep(1)"),
            ),
            way(
                "a generator that has not begun",
                in_constructor("self._rows = self._walk()"),
                method("def _walk(self):\n    import time\n\n    time.sleep(1)\n    yield 1"),
            ),
        ),
    ),
    "no_leftovers": Ways(
        broken=(
            way("a breakpoint", in_read('if self.source.get("region") == "debug":\n    breakpoint()')),
            way("a debugger is imported", at_top("import pdb  # noqa: T100")),
            way(
                "only the first rows, for a trial",
                edit(
                    SOURCE,
                    '        return [{"number": number} for number in batch]\n',
                    '        return [{"number": number} for number in batch[:100]]  # only for testing\n',
                ),
            ),
            way("a note to oneself", in_read("# TODO: what about prices?\nself.log(1)")),
            way(
                "code that is commented out",
                append(
                    SOURCE,
                    "\n\n# def old(rows):\n#     for row in rows:\n#         row['at'] = None\n#     return rows\n",
                ),
            ),
            way("a switch that is left on", at_top("DEBUG = True")),
            way("a branch that is turned off by hand", in_read("if False:\n    self.log(batch)")),
        ),
        kept=(
            way("a remark that explains", in_read("# The shop counts from 1, and has no row 0.\nself.log(1)")),
            way("the word in the name of a state", in_read('states = ["TODO", "DONE"]\nself.log(len(states))')),
            way(
                "a limit of the far end, which a constant names",
                at_top("LARGEST_PAGE = 100"),
                edit(SOURCE, "self._left[:size]", "self._left[: min(size, LARGEST_PAGE)]"),
                edit(SOURCE, "self._left[size:]", "self._left[min(size, LARGEST_PAGE) :]"),
            ),
            way("an example in a remark", append(SOURCE, "\n\n# As in: Stream(source).read(10)\n")),
        ),
    ),
    "code_keeps_conventions": Ways(
        broken=(
            way("an import that nobody uses", at_top("import json")),
            way("a name that does not exist", method("def _told(self):\n    return wrods")),
            way("a default that all calls share", method("def _told(self, rows=[]):\n    return rows")),
            way("imports out of order", at_top("import json\nimport abc\n\nUSED = (abc, json)")),
            way("a comparison with None by ==", in_read("self.log(n == None)")),
            way("a name of Python's own is taken", method("def _told(self):\n    list = [1]\n    return list")),
        ),
        kept=(
            way("a long line", at_top(f"ABOUT = '{'rows ' * 40}'")),
            way(
                "an exception to a convention, which the line names",
                edit(SOURCE, "import panoply\n", "import json  # noqa: F401\n\nimport panoply\n"),
            ),
            way("the tests are as they are", append("tests/test_source.py", "\n\nimport json\n")),
        ),
    ),
    "types_hold": Ways(
        broken=(
            way(
                "a number for a text",
                settings("[tool.mypy]\nstrict = false"),
                append(SOURCE, '\n\ndef told(row: int) -> str:\n    """In words."""\n    return row\n'),
            ),
            way(
                "what may be None is taken for granted",
                settings("[tool.mypy]\nstrict = false"),
                append(SOURCE, '\n\ndef told(row: str | None) -> str:\n    """In words."""\n    return row.upper()\n'),
            ),
            way(
                "a py.typed, and an argument of another type",
                write("shop/py.typed", ""),
                append(
                    SOURCE,
                    '\n\ndef told(row: int) -> str:\n    """In words."""\n    return str(row)\n\n\nTOLD: str = told("one")\n',
                ),
            ),
            way("strict, and a function without types", settings("[tool.mypy]\nstrict = true")),
        ),
        kept=(
            way(
                "types that hold",
                settings("[tool.mypy]\nstrict = false"),
                append(SOURCE, '\n\ndef told(row: int) -> str:\n    """In words."""\n    return str(row)\n'),
            ),
            way(
                "an exception, which the line names",
                settings("[tool.mypy]\nstrict = false"),
                append(
                    SOURCE,
                    '\n\ndef told(row: int) -> str:\n    """In words."""\n    return row  # type: ignore[return-value]\n',
                ),
            ),
        ),
    ),
}

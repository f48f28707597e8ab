"""The ways in which a source's module is not found, or cannot be imported; and in which it does not keep the contract."""

from __future__ import annotations

from ways._making import SOURCE, Ways, append, at_top, edit, settings, way, write

_DECLARED = 'panoply_source = "shop"\n'
_UNDECLARED = edit("pyproject.toml", _DECLARED, "")
_TABLE = """
    [tool.pytest.ini_options]
    panoply_source = "shop"
    testpaths = ["tests"]
    pythonpath = ["."]
"""
_NO_TABLE = edit(
    "pyproject.toml",
    '[tool.pytest.ini_options]\npanoply_source = "shop"\ntestpaths = ["tests"]\npythonpath = ["."]\n',
    "",
)
_INI = "{0}\npanoply_source = {1}\ntestpaths = tests\npythonpath = .\n"

_END = "            return None\n"
_PROGRESS = '        self.progress(3 - len(self._left), 3, "numbers")\n'
_BATCH = '        return [{"number": number} for number in batch]\n'

WAYS = {
    "module_imports": Ways(
        broken=(
            way("it reads a file that is not in the project", at_top('KEYS = open("keys.json").read()')),
            way("it asks for a variable of the environment", at_top('import os\n\nHOME = os.environ["SHOP_HOME"]')),
            way(
                "it leaves when it is set up wrongly",
                at_top('import sys\n\nif len(sys.argv) < 9:\n    sys.exit("Usage: ...")'),
            ),
            way("it ends the process for good", at_top("import os\n\nos._exit(0)")),
            way(
                "two modules that import each other",
                write("shop/prices.py", "from .source import Stream\n\nKIND = Stream.__name__\n"),
                at_top("\nfrom .prices import KIND"),
            ),
            way(
                "a name that its other module does not have",
                edit("shop/__init__.py", "import CONFIG\n", "import CONFIG, TABLES\n"),
            ),
            way("it asks its user", at_top('TOKEN = input("Token: ")')),
            way("it waits for ever", at_top("import threading\n\nthreading.Event().wait()"), is_slow=True),
        ),
        kept=(
            way(
                "a library that it can do without",
                at_top("\ntry:\n    import orjson as json\nexcept ImportError:\n    import json\n\nDUMPS = json.dumps"),
            ),
            way(
                "a part that is run as a program, and leaves",
                append(SOURCE, '\n\nif __name__ == "__main__":\n    raise SystemExit(1)\n'),
            ),
            way(
                "a table that takes a moment to be made",
                at_top("SQUARES = {number: number**2 for number in range(300_000)}"),
            ),
        ),
    ),
    "source_is_declared": Ways(
        broken=(
            way("nowhere", _UNDECLARED),
            way("under a misspelt name", edit("pyproject.toml", "panoply_source =", "panoply_sources =")),
            way(
                "in a table that pytest does not read", _UNDECLARED, settings('[tool.panoply]\npanoply_source = "shop"')
            ),
            way(
                "in pyproject.toml, which pytest does not read where there is a pytest.ini",
                write("pytest.ini", "[pytest]\ntestpaths = tests\npythonpath = .\n"),
            ),
            way("in a comment", edit("pyproject.toml", _DECLARED, f"# {_DECLARED}")),
            way(
                "in tox.ini, which pytest does not read where pyproject.toml has settings for it",
                _UNDECLARED,
                write("tox.ini", "[pytest]\npanoply_source = shop\n"),
            ),
        ),
        kept=(
            way("in a pytest.ini", _NO_TABLE, write("pytest.ini", _INI.format("[pytest]", "shop"))),
            way("in setup.cfg", _NO_TABLE, write("setup.cfg", _INI.format("[tool:pytest]", "shop"))),
            way("in tox.ini", _NO_TABLE, write("tox.ini", _INI.format("[pytest]", "shop"))),
            way("as a list", edit("pyproject.toml", _DECLARED, 'panoply_source = ["shop"]\n')),
            way("as a path", edit("pyproject.toml", _DECLARED, 'panoply_source = "./shop"\n')),
            way(
                "beside the settings of another tool, in a tox.ini without a section for pytest",
                write("tox.ini", "[tox]\nenvlist = py311\n"),
            ),
        ),
    ),
    "contract_is_kept": Ways(
        broken=(
            way("it reports no progress", edit(SOURCE, _PROGRESS, "")),
            way("the end is an empty list, for ever", edit(SOURCE, _END, "            return []\n"), is_slow=True),
            way(
                "it begins anew after the end",
                edit(SOURCE, _END, "            self._left = [1, 2, 3]\n            return None\n"),
            ),
            way(
                "a generator in place of a list",
                edit(SOURCE, _BATCH, '        return ({"number": number} for number in batch)\n'),
            ),
            way(
                "what is read is kept in the class, for all",
                edit(
                    SOURCE,
                    "        self._left = [] if",
                    "        if not hasattr(Stream, '_left'):\n            Stream._left = [] if",
                ),
                edit(SOURCE, "batch, self._left = self", "batch, Stream._left = self"),
            ),
            way(
                "more rows than asked for are taken, and dropped",
                edit(SOURCE, "self._left[size:]", "self._left[size + 1 :]"),
            ),
            way(
                "progress that counts with fractions",
                edit(SOURCE, "self.progress(3 - len(self._left), 3,", "self.progress((3 - len(self._left)) / 3, 1.0,"),
            ),
            way("dates that are no JSON: a set", edit(SOURCE, '{"number": number}', '{"number": {number}}')),
            way("nothing is ever logged", edit(SOURCE, '        self.log("read", len(batch))\n', "")),
            way(
                "its own copy of the params",
                edit(SOURCE, "super().__init__(source, options)", "super().__init__(dict(source), options)"),
            ),
            way(
                "a check is left out by a setting",
                edit(
                    "pyproject.toml",
                    'testpaths = ["tests"]',
                    'testpaths = ["tests"]\naddopts = "--deselect=shop::read_stays_at_eof"',
                ),
            ),
        ),
        kept=(
            way(
                "an empty batch in the middle",
                edit(
                    SOURCE,
                    "        size = n or 100\n",
                    "        size = n or 100\n        if self._first:\n            self._first = False\n            self.progress(0, 3, 'numbers')\n            return []\n",
                ),
                edit(SOURCE, '"""Gives three numbers."""\n', '"""Gives three numbers."""\n\n    _first = True\n'),
            ),
            way(
                "an async read()",
                edit(SOURCE, "    def read(", "    async def read("),
                write(
                    "tests/test_source.py",
                    "import asyncio\n\nfrom shop import Stream\n\n\ndef test_numbers():\n    assert len(asyncio.run(Stream({'token': 'made-up'}, {}).read())) == 3\n",
                ),
            ),
            way(
                "another name for n",
                edit(SOURCE, "read(self, n=None)", "read(self, batch_size=None)"),
                edit(SOURCE, "n or 100", "batch_size or 100"),
            ),
            way(
                "a known issue, with its reason",
                edit(SOURCE, '        self.log("read", len(batch))\n', ""),
                edit(
                    "pyproject.toml",
                    'testpaths = ["tests"]',
                    'testpaths = ["tests"]\npanoply_known_issues = "log_is_used: its logs come with the next version"',
                ),
            ),
        ),
    ),
}

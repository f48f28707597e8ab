"""The ways in which what is handed out is not what is in the checkout, or says too little of itself."""

from __future__ import annotations

from ways._making import SOURCE, Ways, append, at_top, commit, edit, git, in_read, move, remove, tag, way, write

_HATCH = '[tool.hatch.build.targets.wheel]\npackages = ["shop"]\n'
_SUB = (
    write("shop/tables/__init__.py", "TABLES = ()\n"),
    at_top("\nfrom .tables import TABLES"),
)

WAYS = {
    "wheel_builds": Ways(
        broken=(
            way("a readme that is not there", edit("pyproject.toml", 'readme = "README.md"', 'readme = "README.rst"')),
            way("a version that is none", edit("pyproject.toml", 'version = "1.2.0"', 'version = "one.two"')),
            way(
                "a backend that its package does not have",
                edit("pyproject.toml", "hatchling.build", "hatchling.builder"),
            ),
            way(
                "a classifier in place of a list of them",
                edit("pyproject.toml", "authors = [", 'classifiers = "Private"\nauthors = ['),
            ),
            way("no hint at what belongs into it", edit("pyproject.toml", _HATCH, "")),
            way(
                "a hook that reads a file which is not committed",
                edit(
                    "pyproject.toml",
                    _HATCH,
                    f'{_HATCH}\n[tool.hatch.build.targets.wheel.hooks.custom]\npath = "build_hook.py"\n',
                ),
            ),
        ),
        kept=(
            way(
                "each file is named by itself",
                edit(
                    "pyproject.toml",
                    _HATCH,
                    '[tool.hatch.build.targets.wheel]\nonly-include = ["shop/__init__.py", "shop/config.py", "shop/source.py"]\n',
                ),
            ),
            way(
                "a project that is called as its package is",
                edit("pyproject.toml", 'name = "shop-source"', 'name = "shop"'),
                edit("pyproject.toml", _HATCH, ""),
            ),
        ),
    ),
    "wheel_holds_the_package": Ways(
        broken=(
            way(
                "a sub-package that is new, where each file was named by itself",
                *_SUB,
                edit(
                    "pyproject.toml",
                    _HATCH,
                    '[tool.hatch.build.targets.wheel]\nonly-include = ["shop/__init__.py", "shop/config.py", "shop/source.py"]\n',
                ),
            ),
            way(
                "a data file, where only Python was asked for",
                write("shop/tables.json", "{}\n"),
                edit("pyproject.toml", _HATCH, '[tool.hatch.build.targets.wheel]\ninclude = ["shop/**/*.py"]\n'),
            ),
            way(
                "the icon is left out by a pattern",
                write("shop/icon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>\n"),
                edit("pyproject.toml", _HATCH, f'{_HATCH}exclude = ["*.svg"]\n'),
            ),
            way(
                "only one file of the package",
                *_SUB,
                edit("pyproject.toml", _HATCH, '[tool.hatch.build.targets.wheel]\ninclude = ["shop/*.py"]\n'),
            ),
            way(
                "another folder is taken for the package",
                edit("pyproject.toml", 'packages = ["shop"]', 'packages = ["shopp"]'),
            ),
            way(
                "queries that git ignores, and tracks all the same",
                append(".gitignore", "*.sql\n"),
                write("shop/orders.sql", "select 1\n"),
                then=(git("add", "--force", "shop/orders.sql"), commit("Queries"), tag()),
            ),
        ),
        kept=(
            way(
                "tests in the package, which are left out",
                write(
                    "shop/tests/test_config.py",
                    "from shop import CONFIG\n\n\ndef test_title():\n    assert CONFIG['title'] == 'Shop'\n",
                ),
                edit("pyproject.toml", _HATCH, f'{_HATCH}exclude = ["shop/tests"]\n'),
            ),
            way(
                "notes in the package, which are left out",
                write("shop/NOTES.md", "How it works.\n"),
                edit("pyproject.toml", _HATCH, f'{_HATCH}exclude = ["*.md"]\n'),
            ),
            way("files beside the package", write("scripts/load.py", "ROWS = 3\n"), write("docs/use.md", "Use it.\n")),
        ),
    ),
    "wheel_imports": Ways(
        broken=(
            way(
                "it reads a file beside the package",
                at_top(
                    'from pathlib import Path\n\nABOUT = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")'
                ),
            ),
            way(
                "it takes the version out of pyproject.toml",
                at_top(
                    'import tomllib\nfrom pathlib import Path\n\nVERSION = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]'
                ),
            ),
            way(
                "it imports a module beside the package",
                write("helpers.py", "NUMBER = 1\n"),
                at_top("from helpers import NUMBER  # noqa: I001"),
            ),
            way(
                "it opens a file by a path from the project's folder",
                at_top('with open("CHANGELOG.md", encoding="utf-8") as file:\n    NEWS = file.read()'),
            ),
            way(
                "it imports from its own tests",
                write("tests/__init__.py", ""),
                write("tests/rows.py", "ROWS = ()\n"),
                at_top("from tests.rows import ROWS  # noqa: I001"),
            ),
        ),
        kept=(
            way(
                "a file of the package, found with importlib.resources",
                write("shop/tables.json", "{}\n"),
                at_top(
                    'from importlib.resources import files\n\nTABLES = files("shop").joinpath("tables.json").read_text(encoding="utf-8")'
                ),
            ),
            way(
                "its own version, out of what is installed",
                at_top(
                    'from importlib.metadata import PackageNotFoundError, version\n\ntry:\n    VERSION = version("shop-source")\nexcept PackageNotFoundError:\n    VERSION = "0"'
                ),
            ),
            way(
                "a file beside the package, which may be missing",
                at_top(
                    'from pathlib import Path\n\nABOUT = Path(__file__).parent.parent / "README.md"\nTEXT = ABOUT.read_text(encoding="utf-8") if ABOUT.exists() else ""'
                ),
            ),
        ),
    ),
    "package_shadows_no_library": Ways(
        broken=(
            way(
                "the package is called as the client library is",
                *[move(f"shop/{name}.py", f"stripe/{name}.py") for name in ("__init__", "config", "source")],
                edit("pyproject.toml", 'packages = ["shop"]', 'packages = ["stripe"]'),
                edit("pyproject.toml", 'panoply_source = "shop"', 'panoply_source = "stripe"'),
                edit("tests/test_source.py", "from shop", "from stripe"),
            ),
            way(
                "the tests are installed, too",
                edit("pyproject.toml", 'packages = ["shop"]', 'packages = ["shop", "tests"]'),
            ),
            way(
                "a module beside it that has a name of Python's",
                write("queue.py", "SIZE = 3\n"),
                edit("pyproject.toml", _HATCH, '[tool.hatch.build.targets.wheel]\ninclude = ["shop", "queue.py"]\n'),
            ),
            way(
                "a module that is called as an installed library is",
                write("yaml.py", "SIZE = 3\n"),
                edit("pyproject.toml", _HATCH, '[tool.hatch.build.targets.wheel]\ninclude = ["shop", "yaml.py"]\n'),
            ),
            way(
                "the docs are installed, too",
                write("docs/conf.py", "project = 'shop'\n"),
                edit("pyproject.toml", 'packages = ["shop"]', 'packages = ["shop", "docs"]'),
            ),
        ),
        kept=(
            way("a module of the package that is called as one of Python's", write("shop/queue.py", "SIZE = 3\n")),
            way("tests that are not installed", write("tests/__init__.py", "")),
            way(
                "a name with a well-known one in it",
                *[move(f"shop/{name}.py", f"source_stripe/{name}.py") for name in ("__init__", "config", "source")],
                edit("pyproject.toml", 'packages = ["shop"]', 'packages = ["source_stripe"]'),
                edit("pyproject.toml", 'panoply_source = "shop"', 'panoply_source = "source_stripe"'),
                edit("tests/test_source.py", "from shop", "from source_stripe"),
            ),
        ),
    ),
    "metadata_is_complete": Ways(
        broken=(
            way("no description", edit("pyproject.toml", 'description = "Panoply data source: Shop"\n', "")),
            way(
                "an author without a name",
                edit("pyproject.toml", '{ name = "A. Author" }', '{ email = "a@example.com" }'),
            ),
            way("no licence", edit("pyproject.toml", 'license = "MIT"\n', "")),
            way("nothing about Python", edit("pyproject.toml", 'requires-python = ">=3.11"\n', "")),
            way(
                "a description of blanks, and no readme",
                edit("pyproject.toml", '"Panoply data source: Shop"\nreadme = "README.md"', '"  "'),
            ),
        ),
        kept=(
            way(
                "the licence as a table, as older projects have it",
                edit(
                    "pyproject.toml", 'license = "MIT"\nlicense-files = ["LICENSE"]', 'license = { file = "LICENSE" }'
                ),
            ),
            way(
                "the licence as a classifier",
                edit(
                    "pyproject.toml",
                    'license = "MIT"\nlicense-files = ["LICENSE"]',
                    'classifiers = ["License :: OSI Approved :: MIT License"]',
                ),
            ),
            way(
                "the version out of a file",
                edit("pyproject.toml", 'version = "1.2.0"', 'dynamic = ["version"]'),
                append("pyproject.toml", '\n[tool.hatch.version]\npath = "shop/__init__.py"\n'),
                edit("shop/__init__.py", "\nfrom .config", '\n__version__ = "1.2.0"\n\nfrom .config'),
            ),
        ),
    ),
    "licence_is_included": Ways(
        broken=(
            way("no file", remove("LICENSE"), edit("pyproject.toml", 'license-files = ["LICENSE"]\n', "")),
            way("an empty file", write("LICENSE", "\n")),
            way(
                "a heading in the README",
                remove("LICENSE"),
                edit("pyproject.toml", 'license-files = ["LICENSE"]\n', ""),
                append("README.md", "\n## License\n\nMIT\n"),
            ),
            way(
                "in a folder of documents",
                move("LICENSE", "docs/LICENSE"),
                edit("pyproject.toml", 'license-files = ["LICENSE"]\n', ""),
            ),
        ),
        kept=(
            way(
                "in the other spelling",
                move("LICENSE", "LICENCE.txt"),
                edit("pyproject.toml", 'license-files = ["LICENSE"]', 'license-files = ["LICENCE.txt"]'),
            ),
            way(
                "called COPYING",
                move("LICENSE", "COPYING"),
                edit("pyproject.toml", 'license-files = ["LICENSE"]', 'license-files = ["COPYING"]'),
            ),
        ),
    ),
    "readme_names_each_param": Ways(
        broken=(
            way(
                "a param was added, and the README was not",
                edit(
                    "shop/config.py",
                    '{"name": "region"',
                    '{"name": "currency", "title": "Currency"},\n        {"name": "region"',
                ),
                in_read('self.log("in", self.source.get("currency"))'),
            ),
            way("the README is the one line that it began with", write("README.md", "# Shop\n")),
            way("the param is only part of another word", edit("README.md", "`region`", "`regional_settings`")),
            way(
                "a param was renamed in CONFIG only",
                edit("shop/config.py", '"name": "region", "title": "Region"', '"name": "area", "title": "Area"'),
                edit(SOURCE, 'source.get("region")', 'source.get("area")'),
            ),
        ),
        kept=(
            way("by its title, as users see it", edit("README.md", "`token`", "**Token**")),
            way(
                "in a list, in another case",
                edit("README.md", "| `region` | where the shop is |", "\n* REGION: where the shop is"),
            ),
            way(
                "a hidden param, which nobody fills in",
                edit(
                    "shop/config.py",
                    '{"name": "region"',
                    '{"name": "cursor", "title": "Cursor", "type": "hidden"},\n        {"name": "region"',
                ),
                in_read('self.log("from", bool(self.source.get("cursor")))'),
            ),
        ),
    ),
    "changelog_has_the_version": Ways(
        broken=(
            way("no CHANGELOG", remove("CHANGELOG.md")),
            way("the version was raised, and the CHANGELOG was not", edit("CHANGELOG.md", "## 1.2.0", "## 1.1.0")),
            way("all is unreleased", edit("CHANGELOG.md", "## 1.2.0", "## Unreleased")),
            way("a longer number that begins the same", edit("CHANGELOG.md", "## 1.2.0", "## 1.2.0.1")),
            way("only a pre-release of it", edit("CHANGELOG.md", "## 1.2.0", "## 1.2.0-rc1")),
        ),
        kept=(
            way("with a v and a date", edit("CHANGELOG.md", "## 1.2.0", "## v1.2.0 (2026-05-01)")),
            way("as a link", edit("CHANGELOG.md", "## 1.2.0", "## [1.2.0] - 2026-05-01")),
            way("in a file called HISTORY.rst", move("CHANGELOG.md", "HISTORY.rst")),
        ),
    ),
}

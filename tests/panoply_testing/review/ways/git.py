"""The ways in which a repository, and what is committed to it, are wrong."""

from __future__ import annotations

from ways._making import Way, Ways, append, commit, edit, git, move, remove, settings, tag, way, write
from ways._secrets import GITHUB, PASSWORD, RANDOM, SLACK, STRIPE

_MERGE = "<<<<<<< HEAD\n{0}\n=======\n{1}\n>>>>>>> prices\n"


def _later(phrase: str, *steps, **more) -> Way:
    """What was in the files once, and no longer is."""
    return way(phrase, then=(*steps, tag()), **more)


WAYS = {
    "project_is_in_git": Ways(
        broken=(
            way("no repository", has_git=False),
            way("a repository without a commit", has_git=False, then=(git("init", "--quiet"),)),
            way(
                "all of it is staged, and nothing is committed",
                has_git=False,
                then=(git("init", "--quiet"), git("add", "--all")),
            ),
            way(
                "an empty folder .git, left behind by a copy",
                has_git=False,
                then=(lambda project: (project / ".git").mkdir(),),
            ),
        ),
        kept=(
            way("a branch with a name of its own", then=(git("switch", "--quiet", "--create", "prices"),)),
            way("a checkout of the tag, without a branch", then=(git("checkout", "--quiet", "--detach", "v1.2.0"),)),
        ),
    ),
    "working_tree_is_clean": Ways(
        broken=(
            way("a change that is not committed", then=(append("shop/source.py", "\n\nLAST = 3\n"),)),
            way("a change that is staged", then=(append("README.md", "\nMore.\n"), git("add", "README.md"))),
            way("a new module that nobody has added", then=(write("shop/prices.py", "PRICES = ()\n"),)),
            way("a file was deleted", then=(remove(".gitignore"),)),
            way("a file was renamed", then=(git("mv", "LICENSE", "LICENSE.txt"),)),
            way("a file became executable", then=(lambda project: (project / "shop/source.py").chmod(0o755),)),
        ),
        kept=(
            way(
                "files that .gitignore names",
                then=(write("params.json", "{}\n"), write("shop/__pycache__/config.cpython-311.pyc", b"\0")),
            ),
            way("a stash", then=(append("README.md", "\nMore.\n"), git("stash", "--quiet"))),
            way("an empty folder", then=(lambda project: (project / "notes").mkdir(),)),
        ),
    ),
    "files_hold_no_conflict_markers": Ways(
        broken=(
            way("in the README", append("README.md", _MERGE.format("It is fast.", "It is slow."))),
            way("in the CHANGELOG", append("CHANGELOG.md", _MERGE.format("- More regions.", "- Prices."))),
            way(
                "with the common ancestor between the two sides",
                append("README.md", "\n<<<<<<< HEAD\nA\n||||||| 1234567\nB\n=======\nC\n>>>>>>> prices\n"),
            ),
            way("with the line ends of Windows", write("docs/use.md", _MERGE.format("A", "B").replace("\n", "\r\n"))),
            way("in a docstring, where Python does not mind", append("tests/test_source.py", f'\n"""\n{_MERGE}"""\n')),
        ),
        kept=(
            way("a heading that is underlined with seven signs", write("NOTES.rst", "Markers\n=======\n\nText.\n")),
            way("a text that is quoted from a mail", append("README.md", "\n>>>>>>> He said that it is fast.\n")),
            way("arrows in a drawing", append("README.md", "\n    shop <<<<<<< token\n    rows >>>>>>> Panoply\n")),
        ),
    ),
    "files_are_small": Ways(
        broken=(
            way("a recording of two megabytes", write("tests/answers.json", '{"rows": [' + "1, " * 700_000 + "1]}")),
            way("an archive", write("backup.zip", b"PK\3\4" + bytes(1_200_000))),
            way("a database of examples", write("tests/data/shop.sqlite", b"SQLite format 3\0" + bytes(1_100_000))),
            way(
                "more than its own settings allow",
                settings("[tool.panoply.review]\nlargest_file = 10_000"),
                write("tests/answers.txt", "x" * 11_000),
            ),
        ),
        kept=(
            way("a recording of some hundred kilobytes", write("tests/answers.txt", "row\n" * 200_000)),
            way(
                "a large file that the settings allow",
                settings("[tool.panoply.review]\nlargest_file = 3_000_000"),
                write("tests/answers.txt", "row\n" * 400_000),
            ),
            way(
                "a large file that is not in the repository",
                append(".gitignore", "*.sqlite\n"),
                then=(write("shop.sqlite", bytes(1_200_000)),),
            ),
        ),
    ),
    "generated_files_are_not_committed": Ways(
        broken=(
            way(
                "compiled modules",
                write(".gitignore", "params.json\n"),
                write("shop/__pycache__/source.cpython-311.pyc", b"\0"),
            ),
            way("a wheel in dist", write("dist/shop_source-1.1.0-py3-none-any.whl", b"PK")),
            way("an egg-info", write("shop_source.egg-info/PKG-INFO", "Name: shop-source\n")),
            way("what coverage measured", write(".coverage", b"SQLite format 3\0")),
            way("the settings of somebody's editor", write(".idea/workspace.xml", "<project/>\n")),
            way("what a Mac leaves in folders", write("shop/.DS_Store", b"\0Bud1")),
            way("caches of tools", write(".mypy_cache/3.11/shop.data.json", "{}\n")),
            way("the rest of a patch", write("shop/source.py.orig", "import panoply\n")),
        ),
        kept=(
            way("a folder build inside of another one", write("docs/build/use.md", "Use it.\n")),
            way("a module called dist", write("tests/dist.py", "NUMBER = 1\n")),
            way(
                "a file with generated code, which is part of the source", write("shop/tables_gen.py", "TABLES = ()\n")
            ),
        ),
    ),
    "files_hold_no_secrets": Ways(
        broken=(
            way(
                "a token of a provider's form, in the tests", append("tests/test_source.py", f'\nTOKEN = "{GITHUB}"\n')
            ),
            way("a key in a file of params", write("examples/live.json", f'{{"token": "{STRIPE}"}}\n')),
            way("an .env", write(".env", f"SHOP_TOKEN={RANDOM}\n")),
            way("a password in a URL", append("README.md", f"\n    postgres://shop:{PASSWORD}@db.shop.io/orders\n")),
            way("a constant in a script", write("scripts/load.py", f'API_KEY = "{RANDOM}"\n')),
            way("a token in the CI's settings", write(".github/workflows/ci.yml", f"env:\n  SLACK_TOKEN: {SLACK}\n")),
            way(
                "a default in CONFIG",
                edit("shop/config.py", '"title": "Region"', f'"title": "Region", "api_key": "{RANDOM}"'),
            ),
        ),
        kept=(
            way("made-up tokens in the tests", append("tests/test_source.py", f'\nTOKEN = "{RANDOM}"\n')),
            way("a name in place of a value", write(".env.example", "SHOP_TOKEN=your-token-goes-here\n")),
            way("a digest", write("tests/answers.sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c\n")),
            way(
                "one that is said to be made up",
                append("README.md", f"\n    token: {GITHUB}  <!-- pragma: allowlist secret -->\n"),
            ),
            way("one in a file that git ignores", then=(write("params.json", f'{{"token": "{STRIPE}"}}\n'),)),
        ),
    ),
    "history_holds_no_secrets": Ways(
        broken=(
            _later(
                "in a file that was deleted since",
                write("live.json", f'{{"token": "{STRIPE}"}}\n'),
                commit(),
                remove("live.json"),
                commit("Remove what is not needed"),
            ),
            _later(
                "in a line that was changed since",
                append("README.md", f"\nexport SHOP_TOKEN={GITHUB}\n"),
                commit(),
                edit("README.md", GITHUB, "..."),
                commit("Leave out the token"),
            ),
            way(
                "on a branch that was never merged",
                then=(
                    git("switch", "--quiet", "--create", "trial"),
                    write(".env", f"SHOP_TOKEN={RANDOM}\n"),
                    commit(),
                    git("switch", "--quiet", "main"),
                ),
            ),
            _later(
                "in a file that git ignores by now",
                write(".env", f"SHOP_TOKEN={RANDOM}\n"),
                commit(),
                git("rm", "--quiet", "--cached", ".env"),
                append(".gitignore", ".env\n"),
                commit("Ignore settings"),
            ),
            way(
                "in the commit of an old tag, whose branch is gone",
                then=(
                    git("switch", "--quiet", "--create", "old"),
                    write("live.json", f'{{"token": "{SLACK}"}}\n'),
                    commit(),
                    git("tag", "--annotate", "trial-1", "--message", "A trial"),
                    git("switch", "--quiet", "main"),
                    git("branch", "--quiet", "-D", "old"),
                ),
            ),
        ),
        kept=(
            _later(
                "a made-up token in tests that were rewritten",
                append("tests/test_source.py", f'\nTOKEN = "{RANDOM}"\n'),
                commit(),
                edit("tests/test_source.py", f'\nTOKEN = "{RANDOM}"\n', ""),
                commit("Leave it out"),
            ),
            _later(
                "a file that was moved, with nothing in it",
                move("CHANGELOG.md", "HISTORY.md"),
                commit("Rename it"),
            ),
        ),
    ),
}

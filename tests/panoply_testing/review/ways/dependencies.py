"""The ways in which a project asks for too much, too little, or what there is not."""

from __future__ import annotations

from ways._making import SOURCE, Ways, append, at_top, depends, edit, in_read, settings, way, write

_SDK = '"panoply-python-sdk"'


def _sdk(text: str):
    return edit("pyproject.toml", _SDK, f'"{text}"')


def _uses(*modules: str) -> tuple:
    """The source imports what it asks for."""
    imports = "\n".join(f"import {each}" for each in sorted(modules))
    names = ", ".join(f"{each}.__name__" for each in sorted(modules))
    return (at_top(f"{imports}\n\nUSED = ({names},)"),)


# What its tests need; where that is said, they run where nothing else is installed.
_TESTED = '[dependency-groups]\ntest = [{0}"panoply-python-sdk[testing]", "pytest"]'


def _made_up(module: str) -> tuple:
    """It imports a library that is only made up, and installed nowhere but in what the review makes of it."""
    return (*_uses(module), settings(_TESTED.format("")))


WAYS = {
    "imports_are_declared": Ways(
        broken=(
            way("an import that is nowhere declared", *_uses("requests")),
            way("an import in a function", in_read("import httpx\n\nself.log(httpx.__name__)")),
            way(
                "a name that is given as text",
                at_top('from importlib import import_module\n\nKIND = import_module("dateutil.parser")'),
            ),
            way(
                "a name that is put together when it runs",
                at_top('from importlib import import_module\n\nKIND = import_module("".join(["xml", "todict"]))'),
            ),
            way(
                "it is declared for the tests only",
                at_top("import requests\n\nUSED = requests.__name__"),
                settings('[dependency-groups]\ntest = ["requests>=2.31", "pytest", "panoply-python-sdk[testing]"]'),
            ),
            way(
                "it comes along with another one",
                depends("requests>=2.31"),
                *_uses("requests", "urllib3", "charset_normalizer"),
            ),
            way(
                "what nobody has installed",
                write("shop/export.py", "import pandas_of_nobody\n\nFRAME = pandas_of_nobody.Frame\n"),
                at_top("\nfrom .export import FRAME\n\nUSED = FRAME"),
            ),
        ),
        kept=(
            way(
                "it is declared under another name than it is imported by",
                depends("python-dateutil>=2.8"),
                at_top("import dateutil.parser\n\nUSED = dateutil.parser.parse"),
            ),
            way(
                "it is tried, and there is another way without",
                at_top("\ntry:\n    import orjson\nexcept ImportError:\n    orjson = None\n\nUSED = orjson"),
            ),
            way(
                "for type checkers only",
                edit(
                    SOURCE,
                    "import panoply\n",
                    "from typing import TYPE_CHECKING\n\nimport panoply\n\nif TYPE_CHECKING:\n    import httpx\n\n    Client = httpx.Client\n",
                ),
            ),
            way(
                "a module of its own, beside the package",
                write("shop/requests.py", "ROWS = 3\n"),
                at_top("\nfrom .requests import ROWS\n\nUSED = ROWS"),
            ),
        ),
    ),
    "dependencies_fit_the_sdk": Ways(
        broken=(
            way("the SDK of another major version", _sdk("panoply-python-sdk<4")),
            way("an exact version of the SDK, which is not this one", _sdk("panoply-python-sdk==3.9.1")),
            way("a library that the SDK needs newer", depends("urllib3<1.26"), *_uses("urllib3")),
            way("a library of the SDK's, pinned to an old version", depends("urllib3==1.25.11"), *_uses("urllib3")),
            way("a version of the SDK that is not there yet", _sdk("panoply-python-sdk>=9")),
        ),
        kept=(
            way("a range that begins with the SDK's major version", _sdk("panoply-python-sdk>=4,<5")),
            way("a library of the SDK's, in a range that fits", depends("urllib3>=1.26.9,<3"), *_uses("urllib3")),
            way("any version at all", depends("urllib3"), *_uses("urllib3")),
        ),
    ),
    "dependencies_are_few": Ways(
        broken=(
            way(
                "six of them",
                depends("requests", "httpx", "tenacity", "python-dateutil", "pyyaml", "xmltodict"),
                *_uses("requests", "httpx", "tenacity", "dateutil", "yaml", "xmltodict"),
            ),
            way(
                "all that was installed when it was written",
                depends("requests", "certifi", "idna", "urllib3", "charset-normalizer", "six", "pyyaml"),
            ),
            way(
                "more than its own settings allow",
                depends("requests", "httpx"),
                *_uses("requests", "httpx"),
                settings("[tool.panoply.review]\nmost_dependencies = 1"),
            ),
        ),
        kept=(
            way(
                "five of them",
                depends("requests", "httpx", "tenacity", "python-dateutil", "pyyaml"),
                *_uses("requests", "httpx", "tenacity", "dateutil", "yaml"),
            ),
            way(
                "some that are for other systems",
                depends(
                    "requests", "httpx", "tenacity", "python-dateutil", "pyyaml", "colorama; sys_platform == 'nowhere'"
                ),
                *_uses("requests", "httpx", "tenacity", "dateutil", "yaml"),
            ),
            way(
                "six that the settings allow",
                depends("requests", "httpx", "tenacity", "python-dateutil", "pyyaml", "xmltodict"),
                *_uses("requests", "httpx", "tenacity", "dateutil", "yaml", "xmltodict"),
                settings("[tool.panoply.review]\nmost_dependencies = 6"),
            ),
        ),
    ),
    "dependencies_are_used": Ways(
        broken=(
            way("what an earlier version used", depends("requests>=2.31")),
            way(
                "only the tests use it",
                depends("requests>=2.31"),
                append(
                    "tests/test_source.py", "\n\ndef test_requests():\n    import requests\n\n    assert requests\n"
                ),
            ),
            way("what another one brings along by itself", depends("httpx", "h11"), *_uses("httpx")),
            way(
                "it is named in a comment",
                depends("xmltodict"),
                append(SOURCE, "\n# xmltodict would do this as well.\n"),
            ),
        ),
        kept=(
            way(
                "it is imported in a function",
                depends("httpx>=0.27"),
                in_read("import httpx\n\nself.log(httpx.__name__)"),
            ),
            way(
                "it is named in the address of a database",
                depends("pg8000>=1.31"),
                at_top('ADDRESS = "postgresql+pg8000://localhost/shop"'),
            ),
            way("data of time zones, which nobody imports", depends("tzdata")),
            way(
                "an import in a module that is loaded by its name",
                depends("pyyaml"),
                at_top('from importlib import import_module\n\nUSED = import_module("yaml")'),
            ),
        ),
    ),
    "dependencies_are_ranges": Ways(
        broken=(
            way("an exact version", depends("requests==2.34.2"), *_uses("requests")),
            way(
                "an address of a repository",
                depends("ledger-client @ git+https://git.example.com/ledger.git"),
                *_made_up("ledger_client"),
            ),
            way(
                "an address of an archive",
                depends("ledger-client @ https://files.example.com/ledger_client-1.0-py3-none-any.whl"),
                *_made_up("ledger_client"),
            ),
            way("an exact version of the SDK", _sdk("panoply-python-sdk==4.0.0")),
            way("one version, with three equals signs", depends("ledger-client===1.0"), *_made_up("ledger_client")),
        ),
        kept=(
            way("all versions of one line", depends("requests==2.*"), *_uses("requests")),
            way("a range with an end", depends("requests>=2.31,<3"), *_uses("requests")),
            way("a compatible version", depends("requests~=2.31"), *_uses("requests")),
            way(
                "exact versions for the tests",
                settings(
                    '[dependency-groups]\ntest = ["pytest-httpserver==1.2.0", "panoply-python-sdk[testing]", "pytest"]'
                ),
            ),
        ),
    ),
    "tools_are_not_dependencies": Ways(
        broken=(
            way("pytest", depends("pytest>=8")),
            way("a tool for types, and one for style", depends("mypy", "ruff")),
            way("the SDK with its test kit", _sdk("panoply-python-sdk[testing]")),
            way("what pretends to be a server", depends("responses>=0.25")),
            way("types for another library", depends("requests>=2.31", "types-requests"), *_uses("requests")),
        ),
        kept=(
            way(
                "tools in an extra",
                settings('[project.optional-dependencies]\ntest = ["pytest", "panoply-python-sdk[testing]"]'),
            ),
            way(
                "tools in a dependency group",
                settings('[dependency-groups]\ndev = ["pytest", "ruff", "panoply-python-sdk[testing]"]'),
            ),
            way("an extra of the SDK that runs", _sdk("panoply-python-sdk[ssh]")),
        ),
    ),
    "dependencies_exist": Ways(
        broken=(
            way("letters of the name were exchanged", depends("reqeusts>=2.31")),
            way("a version that was never published", depends("requests>=99"), *_uses("requests")),
            way("a range without anything in it", depends("requests>=2.32,<2.31"), *_uses("requests")),
            way("all versions were taken back", depends("yanked-by-all")),
            way("a library of one's own company, from another index", depends("shop-internal-client>=1")),
        ),
        kept=(
            way("a library that is not installed here, and there is", depends("ledger-pro>=0.9")),
            way("a range of which the index has the newest part", depends("requests>=2.31"), *_uses("requests")),
            way(
                "what only another system needs, and this one has not",
                depends("nobody-knows-it; sys_platform == 'nowhere'"),
            ),
        ),
    ),
    "installs_are_small": Ways(
        broken=(
            way("one library that is huge", depends("huge-models"), *_made_up("huge_models")),
            way("two halves, of which one brings the other along", depends("half-a-cloud"), *_made_up("half_a_cloud")),
            way("a library that is in many parts", depends("many-parts"), *_made_up("many_parts")),
            way(
                "more than its own settings allow",
                depends("nearly-large"),
                *_made_up("nearly_large"),
                settings("[tool.panoply.review]\nlargest_install = 20_000_000"),
            ),
        ),
        kept=(
            way("one that is nearly too large", depends("nearly-large"), *_made_up("nearly_large")),
            way(
                "a huge one for the tests",
                settings('[dependency-groups]\ntest = ["huge-models", "panoply-python-sdk[testing]", "pytest"]'),
            ),
            way(
                "many parts, which the settings allow",
                depends("many-parts"),
                *_made_up("many_parts"),
                settings("[tool.panoply.review]\nmost_installed = 60"),
            ),
        ),
    ),
    "dependency_licences_are_permissive": Ways(
        broken=(
            way("a library under the GPL", depends("gpl-tables"), *_made_up("gpl_tables")),
            way("the AGPL, as a classifier", depends("agpl-search"), *_made_up("agpl_search")),
            way("another one brings it along", depends("carries-gpl"), *_made_up("carries_gpl")),
            way("the GPL in words, as older packages have it", depends("old-gpl"), *_made_up("old_gpl")),
            way("the extra that is asked for brings it along", depends("gpl-extra[tables]"), *_made_up("gpl_extra")),
        ),
        kept=(
            way("the LGPL", depends("lgpl-driver"), *_made_up("lgpl_driver")),
            way("one of two licences may be chosen", depends("dual-parser"), *_made_up("dual_parser")),
            way("it would come with an extra that nobody asks for", depends("gpl-extra"), *_made_up("gpl_extra")),
            way(
                "the tests use it",
                settings('[dependency-groups]\ntest = ["gpl-tables", "panoply-python-sdk[testing]", "pytest"]'),
            ),
        ),
    ),
    "dependencies_have_no_known_vulnerabilities": Ways(
        broken=(
            way("a version with a known hole", depends("leaky-client"), *_made_up("leaky_client"), is_thorough=True),
            way("another one brings it along", depends("carries-leaky"), *_made_up("carries_leaky"), is_thorough=True),
            way(
                "a hole that nobody has mended yet",
                depends("unmended-client"),
                *_made_up("unmended_client"),
                is_thorough=True,
            ),
        ),
        kept=(
            way(
                "a library of which nothing is known",
                depends("ledger-client"),
                *_made_up("ledger_client"),
                is_thorough=True,
            ),
            way(
                "the tests use one with a hole",
                settings('[dependency-groups]\ntest = ["leaky-client", "panoply-python-sdk[testing]", "pytest"]'),
                is_thorough=True,
            ),
        ),
    ),
}

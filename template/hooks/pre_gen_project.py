# ruff: noqa: INP001 - cookiecutter wants this very folder
"""Refuses answers that would give a project that cannot work, before any file of it is written.

Cookiecutter fills in the answers below as JSON, whose escapes keep odd ones from being taken for Python. A refusal
names every answer that will not do, the reason, and what to type instead.
"""

import json
import keyword
import re
import sys
import unicodedata
from importlib.util import find_spec
from pathlib import Path

ANSWERS = json.loads(r"""{{ dict(
    title=cookiecutter.title, package=cookiecutter.package, api_url=cookiecutter.api_url, author=cookiecutter.author,
    taken=cookiecutter._taken
) | tojson }}""")

# Control characters, halves of characters, line and paragraph separators: none can be seen, and no file format here
# takes all of them. Joiners (Cf) are let through: emoji are made of them.
INVISIBLE = {"Cc", "Cs", "Zl", "Zp"}

# The characters that RFC 3986 allows in a host and a path, so that no escape is ever needed.
ADDRESS = re.compile(
    r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]*[a-z0-9])(:[0-9]{1,5})?(/[a-z0-9._~!$&()*+,;=:@%/-]*)?", re.IGNORECASE
)

LONGEST_PACKAGE = 50


def text_problem(what: str, text: object, example: str) -> str | None:
    """Tell what is wrong with a line of text that a person will read."""
    if not isinstance(text, str) or not text.strip():
        return f"{what} is blank. Type a name that people will recognise, for example {example}."
    for character in text.strip():
        if unicodedata.category(character) in INVISIBLE:
            return f"{what} holds {character!a}, which cannot be seen. Type it as one line of plain text, for example {example}."
    return None


def package_problem(package: object, taken: list[str]) -> str | None:
    """Tell why the package cannot have this name."""
    if not isinstance(package, str) or not re.fullmatch("[a-z][a-z0-9_]*", package):
        instead = re.sub("[^a-z0-9]+", "_", str(package).lower()).strip("_")
        # What is proposed must not be refused in its turn.
        usable = instead[:1].isalpha() and reserved(instead, taken) is None
        instead = instead if usable else f"source_{instead}".strip("_")
        return f"package is {package!r}, which is no name for a Python package: lower-case a-z first, then a-z, 0-9 and _. Type, for example, {instead}."
    if len(package) > LONGEST_PACKAGE:
        return f"package has {len(package)} characters. Type a name of at most {LONGEST_PACKAGE}."
    reason = reserved(package, taken)
    return reason and f"package is {package!r}, {reason}. Type another name, for example source_{package}."


def reserved(package: str, taken: list[str]) -> str | None:
    """Tell what else the name stands for already."""
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        return "a word of the Python language"
    if package in sys.stdlib_module_names:
        return "a module of Python's standard library"
    if package in taken:
        return "a name that a well-known library or folder has, which the source would hide"
    if is_installed(package):
        return "a module that is installed here, which the source would hide"
    return None


def is_installed(package: str) -> bool:
    """Tell whether `import PACKAGE` would find something else than this very project, made anew."""
    here = Path(__file__).resolve().parent  # the temporary folder, from which cookiecutter runs this
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != here]
    spec = find_spec(package)
    if spec is None:
        return False
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    return not all(Path(place).resolve().is_relative_to(Path.cwd().resolve()) for place in places)


def address_problem(address: object) -> str | None:
    """Tell why no API can be reached at this address."""
    if isinstance(address, str) and ADDRESS.fullmatch(address.strip()):
        return None
    shown = "an address with '@' in it" if "@" in str(address) else repr(address)  # a password may stand before the @
    return (
        f"api_url is {shown}, which is no plain http or https address (without user, query or fragment). "
        "Type, for example, https://api.example.com/v1."
    )


problems = [
    text_problem("title", ANSWERS["title"], "Acme CRM"),
    package_problem(ANSWERS["package"], ANSWERS["taken"]),
    address_problem(ANSWERS["api_url"]),
    text_problem("author", ANSWERS["author"], "Jane Doe"),
]
if any(problems):
    # ASCII with escapes: a console that cannot show an answer must not keep the reason from being shown.
    lines = ["No project was made:", *(f"  - {problem}" for problem in problems if problem)]
    sys.exit("\n".join(lines).encode("ascii", "backslashreplace").decode())

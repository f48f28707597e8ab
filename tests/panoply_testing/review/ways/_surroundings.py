"""What a review finds around it, made up where a rule is about that: libraries that are installed, a package index, pip-audit."""

from __future__ import annotations

import importlib
import os
import stat
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEGABYTE = 2**20

# Name: what its metadata say, what it needs, and how large it says it is.
LIBRARIES = {
    "ledger-client": ("License-Expression: MIT", (), 1),
    "gpl-tables": ("License-Expression: GPL-3.0-or-later", (), 1),
    "agpl-search": ("Classifier: License :: OSI Approved :: GNU Affero General Public License v3", (), 1),
    "old-gpl": ("License: GNU General Public License (GPL) v2\n        This program is free software", (), 1),
    "carries-gpl": ("License-Expression: Apache-2.0", ("gpl-tables>=1",), 1),
    "lgpl-driver": ("License-Expression: LGPL-3.0-only", (), 1),
    "dual-parser": ("License-Expression: MIT OR GPL-2.0-only", (), 1),
    "gpl-extra": ("License-Expression: BSD-3-Clause", ("gpl-tables>=1; extra == 'tables'",), 1),
    "huge-models": ("License-Expression: MIT", (), 130 * MEGABYTE),
    "half-a-cloud": ("License-Expression: MIT", ("other-half",), 60 * MEGABYTE),
    "other-half": ("License-Expression: MIT", (), 60 * MEGABYTE),
    "nearly-large": ("License-Expression: MIT", (), 90 * MEGABYTE),
    "many-parts": ("License-Expression: MIT", tuple(f"part-{number}" for number in range(45)), 1),
    **{f"part-{number}": ("License-Expression: MIT", (), 1) for number in range(45)},
    "leaky-client": ("License-Expression: MIT", (), 1),
    "carries-leaky": ("License-Expression: MIT", ("leaky-client>=1",), 1),
    "unmended-client": ("License-Expression: MIT", (), 1),
}

# What pip-audit knows of them: the hole, and the versions that mend it.
HOLES = {"leaky-client": ("PYSEC-2026-1", ["1.4"]), "unmended-client": ("GHSA-2026-0002", [])}

# What the index has beside them.
PUBLISHED = {
    "requests": ("2.31.0", "2.32.3"),
    "ledger-pro": ("0.9", "1.0"),
    "yanked-by-all": (),
}


@contextmanager
def surrounded(folder: Path) -> Iterator[None]:
    """Let all of it be there, and nothing else be asked, until this is over."""
    libraries, programs = folder / "libraries", folder / "programs"
    for name, (metadata, needs, size) in LIBRARIES.items():
        _install(libraries, name, metadata, needs, size)
    _pip_audit(programs)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Index)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        del os.environ[name]
    os.environ |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"http://127.0.0.1:{server.server_port}/simple",
        "NO_PROXY": "127.0.0.1",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    sys.path.append(str(libraries))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(libraries))
        importlib.invalidate_caches()
        os.environ.clear()
        os.environ |= before
        server.shutdown()
        server.server_close()
        thread.join()


def _install(folder: Path, name: str, metadata: str, needs: tuple[str, ...], size: int) -> None:
    module = name.replace("-", "_")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / f"{module}.py").write_text("VERSION = 1\n", encoding="utf-8")
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {name}",
        "Version: 1.0",
        metadata,
        *(f"Requires-Dist: {n}" for n in needs),
    ]
    (info / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (info / "RECORD").write_text(f"{module}.py,,{size}\n{info.name}/METADATA,,\n", encoding="utf-8")


class _Index(BaseHTTPRequestHandler):
    """The pages of a package index."""

    def do_GET(self) -> None:
        name = self.path.strip("/").rpartition("/")[2]
        versions = PUBLISHED.get(name, ("1.0",) if name in LIBRARIES else None)
        file = name.replace("-", "_")
        links = "".join(f'<a href="/{file}-{v}-py3-none-any.whl">{file}-{v}</a>' for v in versions or ())
        body = f"<html>{links}</html>".encode()
        self.send_response(404 if versions is None else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


_PIP_AUDIT = """\
#!{python}
import json, sys
holes = {holes!r}
lines = open(sys.argv[sys.argv.index("--requirement") + 1]).read().splitlines()
told = []
for name, version in (line.split("==") for line in lines):
    found = [dict(id=holes[name][0], fix_versions=holes[name][1])] if name in holes else []
    told.append(dict(name=name, version=version, vulns=found))
print(json.dumps(dict(dependencies=told, fixes=[])))
sys.exit(any(each["vulns"] for each in told))
"""


def _pip_audit(folder: Path) -> None:
    """A command called pip-audit."""
    folder.mkdir(parents=True)
    script = folder / "pip-audit"
    script.write_text(_PIP_AUDIT.format(python=sys.executable, holes=HOLES), encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)

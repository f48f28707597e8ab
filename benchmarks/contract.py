"""`python -m benchmarks.contract`: what it costs to observe a source, and to judge it by the whole contract.

Three figures, each measured in one run: a clean run under observation beside the same source driven bare; all checks over
10,000 records behind a local HTTP API; and what the plugin adds to a pytest session that does not use it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from panoply.loading import load_source
from panoply_testing.checks import Context
from panoply_testing.contract import CONTRACT
from panoply_testing.isolation import Limits, observe
from panoply_testing.plans import CLEAN
from panoply_testing.runs import Inputs, Runs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["main"]

RECORDS: Final = 10_000
ROUNDS: Final = 5

# Reads from memory, so that what is measured is the observing.
BARE: Final = """
import panoply

CONFIG = {"title": "Rows", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    at = 0

    def read(self, n=None):
        if self.at >= 200_000:
            return None
        first, self.at = self.at, self.at + 1000
        self.log("rows from", first)
        self.progress(self.at, 200_000, "rows")
        return [
            {"id": number, "name": f"Row {number}", "price": number * 0.5, "paid": True, "note": "x" * 60, "at": "2024-05-31"}
            for number in range(first, self.at)
        ]
"""

HTTP: Final = """
import panoply
import requests

CONFIG = {"title": "Rows", "params": [{"name": "url", "title": "URL"}, {"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    page = 1
    pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.session = requests.Session()

    def read(self, n=None):
        if self.page > self.pages:
            return None
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        response = self.session.get(f"{self.source['url']}/rows?page={self.page}", headers=headers, timeout=30)
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page, "of", self.pages)
        self.progress(self.page, self.pages, "pages")
        self.page += 1
        return answer["rows"]

    def close(self):
        self.session.close()
"""


class _Api(BaseHTTPRequestHandler):
    """20 pages of 500 rows."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        page = int(parse_qs(urlsplit(self.path).query)["page"][0])
        rows = [
            {"id": number, "name": f"Row {number}", "note": "x" * 60} for number in range((page - 1) * 500, page * 500)
        ]
        body = json.dumps({"rows": rows, "pages": RECORDS // 500}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the library calls it
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that are broken off are what it is there for."""


@contextlib.contextmanager
def _served() -> Iterator[str]:
    with _Server(("127.0.0.1", 0), _Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def observing(folder: Path) -> tuple[float, float, int]:
    """Seconds of the bare source, and of the same one under observation; and how many records that were."""
    path = folder / "bare_rows.py"
    path.write_text(BARE, encoding="utf-8")
    module = load_source(str(path))
    bare, watched, records = [], [], 0
    for _ in range(ROUNDS):
        began, records = time.perf_counter(), 0
        stream = module.Stream({"token": "pk/7Hq2+81Xz=Lw"}, {"logger": lambda _: None})
        while (batch := stream.read(1000)) is not None:
            records += len(batch)
        stream.close()
        bare.append(time.perf_counter() - began)
        began = time.perf_counter()
        seen = observe(
            CLEAN,
            load=functools.partial(load_source, str(path)),
            params={"token": "pk/7Hq2+81Xz=Lw"},
            options={},
            limits=Limits(),
        )
        watched.append(time.perf_counter() - began)
        assert seen.records == records, "the observed run has lost records"  # noqa: S101 - a benchmark of nothing
    return statistics.median(bare), statistics.median(watched), records


def judging(folder: Path) -> tuple[float, int, int]:
    """Seconds for the whole contract over 10,000 records; how many checks were judged, and how many runs that took."""
    path = folder / "http_rows.py"
    path.write_text(HTTP, encoding="utf-8")
    with _served() as url:
        began = time.perf_counter()
        runs = Runs(functools.partial(load_source, str(path)), Limits())
        inputs = Inputs(params={"url": url, "token": "pk/7Hq2+81Xz=Lw"})
        context = Context(ask=lambda plan: runs.get(plan, inputs))
        verdicts = [check.verdict(context) for check in CONTRACT]
        seconds = time.perf_counter() - began
    return seconds, sum(verdict.skip is None for verdict in verdicts), len(runs.untold())


def idling(folder: Path) -> float:
    """Seconds that the plugin adds to the start of a pytest session that has no use for it."""
    (folder / "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
    with_it: list[float] = []
    without: list[float] = []
    for _ in range(2 * ROUNDS):
        for found, words in ((with_it, []), (without, ["-p", "no:panoply"])):
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words, "test_nothing.py"],
                cwd=folder,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            found.append(time.perf_counter() - began)
    return statistics.median(with_it) - statistics.median(without)


def main() -> None:
    """Measure, and print one line a figure."""
    with tempfile.TemporaryDirectory(prefix="panoply-bench-") as name:
        folder = Path(name)
        bare, watched, records = observing(folder)
        beyond = (watched - 1.5 * bare) / records * 1e6
        print(
            f"a clean run: bare {bare:.3f} s, observed {watched:.3f} s; {beyond:.1f} us a record beyond 1.5 x (target 10)"
        )
        seconds, judged, runs = judging(folder)
        print(
            f"the whole contract, {RECORDS:,} records by HTTP: {seconds:.1f} s, {judged} checks judged, {runs} runs (target 20 s)"
        )
        print(f"the plugin, unused: {idling(folder) * 1e3:.1f} ms (target 10)")


if __name__ == "__main__":
    main()

"""The main job from one end to the other, in front of the reader: a new source, its tests, a run, and what arrived.

The vendor's API and the queue are servers on this machine; the records are real (see `demo.api`). Every number that is
shown is computed from what was served and what arrived.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from demo.api import CountryAPI
from panoply_testing.fake_sqs import FakeSQS, serve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".demo"
TITLE = "Country Codes"
PROJECT, PACKAGE = "country-codes", "country_codes"

# Of the rows of each table, so many are shown.
ROWS_SHOWN = 2
# A column of a row is cut to this many characters.
VALUE_SHOWN = 24


class DemoError(Exception):
    """A step did not work; the message says which."""


def main() -> int:
    """Show it, and say in the last line whether it worked."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        records = _demonstrate(console)
    except DemoError as exc:
        console.print(f"\n[bold red]make demo: it does NOT work.[/] {escape(str(exc))}")
        return 1
    console.print(
        f"\n[bold green]make demo: it works.[/] All {records:,} records that there were to read arrived in the queue, "
        f"each exactly once."
    )
    return 0


def _demonstrate(console: Console) -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    project = FOLDER / PROJECT

    _title(console, "1. A new source from the template")
    answers = [f"title={TITLE}", "author=Demo"]
    _run(console, ["cookiecutter", "--no-input", "--output-dir", ".demo", "template", *answers], ROOT)
    for path in sorted(path for path in project.rglob("*") if path.is_file()):
        console.print(f"  {path.relative_to(FOLDER)}", style="dim")

    _title(console, "2. Its own tests, and the data source contract")
    _run(console, ["pytest", f"--panoply-source={PACKAGE}", "-q", "-rN"], project)
    console.print("  (What is skipped had nothing to look at in this source; the lines above say what it would take.)")

    _title(console, "3. A run, from a vendor's API into Panoply's queue")
    with CountryAPI() as api, serve() as sqs_url, FakeSQS(sqs_url) as queue:
        there = sum(map(len, api.records.values()))
        console.print(
            f"  The API serves {there:,} records of {len(api.records)} resources (ISO 3166 and 639, from pycountry) on "
            f"loopback. It asks for a token, and turns some requests away, as APIs do.\n"
            f"  The queue is an SQS on loopback; no account is needed."
        )
        (project / "params.json").write_text(json.dumps({"api_url": api.url}), encoding="utf-8")
        credentials = {
            "PANOPLY_PARAM_TOKEN": api.token,
            "PANOPLY_API_KEY": queue.apikey,
            "PANOPLY_API_SECRET": queue.apisecret,
            "AWS_ENDPOINT_URL": queue.endpoint_url,
        }
        _run(console, ["panoply", "run", PACKAGE, "--params", "params.json", "--to", "sqs"], project, credentials)
        console.print(f"  (The API answered {api.requests} requests, and turned {api.turned_away} of them away.)")

        _title(console, "4. What arrived in the queue")
        _show(console, api, queue)
        return _compare(api, queue)


def _title(console: Console, text: str) -> None:
    console.print(f"\n[bold]{escape(text)}[/]")


def _run(console: Console, command: Sequence[str], folder: Path, settings: Mapping[str, str] | None = None) -> None:
    """Run one of our commands as a user would, in the reader's sight."""
    console.print(f"[cyan]$ {escape(shlex.join(command))}[/]")
    # The commands of this environment, whether it is active or not.
    words = [sys.executable, "-m", command[0], *command[1:]]
    environment = {**os.environ, **(settings or {}), "PYTHONUNBUFFERED": "1"}
    sys.stdout.flush()
    done = subprocess.run(words, cwd=folder, env=environment, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise DemoError(f"`{shlex.join(command)}` ended with exit code {done.returncode}; see above.")


def _show(console: Console, api: CountryAPI, queue: FakeSQS) -> None:
    messages = queue.messages
    sizes = [len(message.body.encode()) for message in messages]
    console.print(
        f"  {len(messages)} messages, {sum(sizes):,} bytes in all, the largest {max(sizes, default=0):,} "
        f"(a message may have {250 * 1024:,})"
    )
    table = Table("table", "there to read", "arrived", "", title_justify="left")
    for name in queue.tables:
        served = len(api.records.get(_resource(name), ()))
        arrived = len(queue.records(name))
        table.add_row(name, f"{served:,}", f"{arrived:,}", "same" if served == arrived else "DIFFERENT")
    for column in table.columns[1:3]:
        column.justify = "right"
    console.print(table)
    for name in queue.tables:
        for record in queue.records(name)[:ROWS_SHOWN]:
            console.print(f"  {name}: {escape(_short(record))}", style="dim")


def _resource(table: str) -> str:
    return table.removeprefix(f"{PACKAGE}_")


def _short(record: Mapping[str, Any]) -> str:
    shown = {key: value for key, value in record.items() if not key.startswith("__")}
    return ", ".join(f"{key}={str(value)[:VALUE_SHOWN]}" for key, value in shown.items())


def _compare(api: CountryAPI, queue: FakeSQS) -> int:
    """Compare record by record what was served and what arrived.

    Returns:
        How many records there were.

    Raises:
        DemoError: the two are not the same, or there was too little to prove anything.
    """
    served = Counter(_key(name, row) for name, rows in api.records.items() for row in rows)
    arrived = Counter(_key(_resource(record["__table"]), record) for record in queue.records())
    lost, extra = served - arrived, arrived - served
    if lost or extra:
        raise DemoError(
            f"{lost.total():,} records did not arrive, and {extra.total():,} arrived that are not among those to read."
        )
    if not served:
        raise DemoError("There was nothing to read.")
    return served.total()


def _key(resource: str, record: Mapping[str, Any]) -> tuple[str, str]:
    columns = {key: value for key, value in record.items() if not key.startswith("__")}
    return resource, json.dumps(columns, sort_keys=True)


if __name__ == "__main__":
    sys.exit(main())

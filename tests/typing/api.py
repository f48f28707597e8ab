"""The public interfaces from the seat of a user who checks types: read by mypy, never run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type

from hypothesis.strategies import SearchStrategy

import panoply
from panoply.config import Config, ConfigFinding, Param, check_config
from panoply.datasource import Options
from panoply.params import check_params, params_example, params_schema
from panoply.resources import Resource, convert_to_ui_format
from panoply_testing.strategies import Broken, broken_params, configs, params, records

if TYPE_CHECKING:
    from panoply.delivery import DeliveryEvent


def delivered(event: DeliveryEvent) -> None:
    assert_type(event.count, int)


def program() -> None:
    with panoply.SDK("account/rand", "secret", endpoint_url="http://127.0.0.1:4566") as conn:
        assert_type(conn, panoply.SDK)
        conn.on("flush", delivered).write("table", {"a": 1, "b": [None, 1.5]})
        conn.flush(timeout=10)
    try:
        conn.close(timeout=1.5)
    except panoply.errors.DeliveryError as lost:
        assert_type(lost.records, tuple[tuple[str, dict[str, Any]], ...])


class Encoder(json.JSONEncoder):
    def default(self, o: object) -> object:
        return str(o)


async def program_on_a_loop() -> None:
    async with panoply.AsyncSDK("account/rand", "secret", write_timeout=None, protocol="query") as conn:
        assert_type(conn, panoply.AsyncSDK)
        assert_type(conn.on("*", print), panoply.AsyncSDK)
        await conn.write("table", {"a": 1})
        await conn.flush(timeout=None)
    spooled = panoply.AsyncSDK("account/rand", "secret", spool=Path("spool"), spool_sync=True, max_message=1_048_576)
    try:
        await spooled.close(timeout=3)
    except panoply.SpoolError as full:
        assert_type(full.errno, int | None)


def encoders() -> None:
    for encoder in (Encoder, Encoder(), str):
        panoply.SDK("account/rand", "secret", jsonEncoder=encoder).close()
    panoply.SDK("account/rand", "secret", protocol="xml")  # type: ignore[arg-type]
    panoply.AsyncSDK("account/rand", "secret", max_in_flight="four")  # type: ignore[arg-type]


class Stream(panoply.DataSource):
    def __init__(self, source: dict[str, Any], options: dict[str, Any]) -> None:
        super().__init__(source, options)
        self.page = 0

    def read(self, n: int | None = None) -> list[dict[str, Any]] | None:
        self.log("reading", self.page)
        self.progress(None, None, "waiting")
        self.state("id", {"page": self.page})
        self.on("progress", print).fire("source-change", {"token": "..."})
        return [self.raw("tag", b"data", {"type": "csv"})]

    def close(self) -> None:
        raise panoply.PanoplyException("refused", retryable=False)


class AsyncStream(panoply.DataSource):
    async def read(self, n: int | None = None) -> list[dict[str, Any]] | None:
        return None

    async def close(self) -> None:
        assert_type(self.secret({"access_token": "..."}), dict[str, str])
        assert_type(self.options.get("refresh"), dict[str, Any] | None)
        self.options["pages"]  # type: ignore[typeddict-item]


class OwnOptions(Options, total=False):
    pages: int


class OptionsStream(panoply.DataSource):
    options: OwnOptions

    def __init__(self, source: dict[str, Any], options: OwnOptions | None = None) -> None:
        super().__init__(source, options)
        assert_type(self.options.get("pages", 3), int)


async def closed_in_the_end(source: dict[str, Any]) -> None:
    with Stream(source, {"logger": print}) as stream:
        assert_type(stream, Stream)
    async with AsyncStream(source) as later:
        assert_type(later, AsyncStream)
        assert_type(await later.read(), list[dict[str, Any]] | None)


@panoply.set_internal_code(429)
class TooManyError(Exception):
    pass


class Decorated(panoply.DataSource):
    @panoply.wrap_errors(panoply.Phase.COLLECT)
    @panoply.validate_token("https://accounts.acme.example/token", (TooManyError, KeyError), "renew")
    def read(self, n: int | None = None) -> list[panoply.records.RecordGroup] | None:
        return [panoply.to_record("orders", [{"id": 1}])]

    @panoply.background_progress("Waiting", waiting_interval=60, timeout=3600)
    async def execute(self, query: str) -> int:
        return len(query)

    def renew(self, token: str) -> None:
        with panoply.SSHTunnel("db.internal", 5432, self.source["tunnel"], platform_ssh=False) as server:
            if server is not None:
                assert_type(server.local_bind_address, tuple[str, int])

    @classmethod
    def list_resources(cls, source: dict[str, Any], options: dict[str, Any] | None = None) -> list[Resource]:
        return [Resource(id="orders", title="Orders", fields=[{"name": "id"}])]


async def decorated(source: Decorated) -> None:
    assert_type(source.read(3), list[panoply.records.RecordGroup] | None)
    assert_type(await source.execute("select 1"), int)
    assert_type(TooManyError(), TooManyError)
    await source.execute(1)  # type: ignore[arg-type]
    entries = convert_to_ui_format(Decorated.list_resources({}), lambda item: item["title"], lambda item: item["id"])
    assert_type(entries, list[dict[str, Any]] | None)
    panoply.validate_token("https://accounts.acme.example/token", "renew")  # type: ignore[arg-type]


def drawn(config: Config) -> None:
    assert_type(params({"title": "A"}, overrides={"token": "..."}), SearchStrategy[dict[str, Any]])
    assert_type(broken_params(config, how=["missing", "huge"], only=["token"]), SearchStrategy[Broken])
    assert_type(configs(types=["list"], tidy=True), SearchStrategy[dict[str, Any]])
    assert_type(records(), SearchStrategy[dict[str, Any]])
    broken_params(config, how=["gone"])  # type: ignore[list-item]


def a_config(raw: object, values: dict[str, Any]) -> None:
    assert_type(check_config(raw, profile="review", picture=False), tuple[ConfigFinding, ...])
    config = Config.parse(raw)
    assert_type(config.param("host"), Param)
    assert_type([finding.path for finding in check_params(config, values)], list[str])
    assert_type(params_schema(config), dict[str, Any])
    assert_type(params_example(config, module="acme"), str)

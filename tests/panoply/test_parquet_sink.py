"""Parquet files: what the warehouse would hold, whole or not at all."""

from __future__ import annotations

from types import ModuleType

import duckdb
import pytest

import panoply
from panoply import runner
from panoply.errors import ParamsError
from panoply.sinks import open_sink


def filled(path, *records, append=False, **params):
    with open_sink(str(path), append=append, params=params) as sink:
        for table, record in records:
            sink.write(table, record)
        sink.flush()
        assert sink.resumable is False
    return sink


def read(path, columns):
    return duckdb.connect().execute(f"SELECT {columns} FROM read_parquet('{path}')").fetchall()


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def test_one_table_is_one_file_and_its_sub_tables_are_others(tmp_path):
    path = tmp_path / "out.parquet"

    sink = filled(path, ("users", {"id": 1, "tags": ["a", "b"]}), ("users", {"id": 1, "name": "x"}))

    assert names(tmp_path) == ["out.parquet", "out.users_tags.parquet"]
    assert read(path, "id, name") == [(1, "x")]
    assert read(tmp_path / "out.users_tags.parquet", "users_id, value") == [(1, "a"), (1, "b")]
    assert [(table.table, table.records) for table in sink.summaries()] == [("users", 2), ("users_tags", 2)]


def test_nothing_is_called_delivered_before_the_files_are_there(tmp_path):
    class Hears(runner.Observer):
        heard = 0

        def delivered(self, records):
            self.heard = records

    class Stream(panoply.DataSource):
        def __init__(self, source, options):
            super().__init__(source, options)
            self.left = [[{"id": 1, "__state": "s"}]]

        def read(self, n=None):
            self.state("s", {"at": 1})
            return self.left.pop() if self.left else None

    module = ModuleType("one")
    module.Stream = Stream
    (tmp_path / "out.parquet.part").mkdir()  # where the file is to be written
    hears = Hears()

    failed = runner.run(module, {}, to=tmp_path / "out.parquet", observer=hears)

    assert not failed.delivered
    assert hears.heard == 0
    assert failed.state == {}

    (tmp_path / "out.parquet.part").rmdir()
    assert runner.run(module, {}, to=tmp_path / "out.parquet", observer=hears).state == {"at": 1}
    assert hears.heard == 1


def test_several_tables_are_a_file_each_whatever_they_are_called(tmp_path):
    filled(tmp_path / "out.parquet", ("a/b", {"id": 1}), ("a:b", {"id": 2}), ("../it's", {"id": 3}))

    assert names(tmp_path) == ["out..._it's.parquet", "out.a_b.parquet", "out.a_b_2.parquet"]


def test_a_file_is_replaced_and_what_an_earlier_run_left_beside_it_goes(tmp_path):
    path = tmp_path / "out.parquet"
    (tmp_path / "out.note.txt").touch()
    duckdb.connect().execute(f"COPY (SELECT 1 AS mine) TO '{tmp_path / 'out.mine.parquet'}'")
    filled(path, ("users", {"id": 1, "tags": ["a"]}))

    filled(path, ("users", {"id": 2}))

    assert read(path, "id") == [(2,)]
    assert names(tmp_path) == ["out.mine.parquet", "out.note.txt", "out.parquet"]


def test_with_append_a_run_goes_on_with_what_is_there(tmp_path):
    path = tmp_path / "out.parquet"
    filled(path, ("users", {"id": 1, "v": 1, "tags": ["a"]}), ("users", {"id": 2, "v": 2}), append=True)

    sink = filled(path, ("users", {"id": 1, "v": 1.5, "tags": ["b"]}), ("users", {"id": "c"}), append=True)

    assert read(path, "id, v") == [("1", 1.5), ("2", 2.0), ("c", None)]
    assert read(tmp_path / "out.users_tags.parquet", "users_id, value") == [("1", "b")]
    assert (sink.summaries()[0].new, sink.summaries()[0].updated) == (1, 1)


def test_a_second_table_that_comes_later_moves_the_first(tmp_path):
    path = tmp_path / "out.parquet"
    filled(path, ("a", {"id": 1}))

    filled(path, ("b", {"id": 2}), append=True)

    assert names(tmp_path) == ["out.a.parquet", "out.b.parquet"]
    assert read(tmp_path / "out.a.parquet", "id") == [(1,)]


def test_what_did_not_come_from_a_run_is_not_added_to(tmp_path):
    path = tmp_path / "out.parquet"
    duckdb.connect().execute(f"COPY (SELECT 1 AS mine) TO '{path}'")

    with pytest.raises(ParamsError, match="it did not come from a run"):
        open_sink(str(path), append=True)

    assert read(path, "mine") == [(1,)]


def test_an_unfinished_run_leaves_parts_and_the_last_one_whole(tmp_path):
    path = tmp_path / "out.parquet"
    filled(path, ("t", {"id": 1}))
    sink = open_sink(str(path))
    sink.write("t", {"id": 2, "tags": [1]})

    sink.close(complete=False)
    sink.close()

    assert read(path, "id") == [(1,)]
    assert names(tmp_path) == ["out.parquet", "out.parquet.part", "out.t_tags.parquet.part"]
    assert read(tmp_path / "out.parquet.part", "id") == [(2,)]


def test_an_unfinished_run_without_records_leaves_nothing(tmp_path):
    open_sink(str(tmp_path / "out.parquet")).close(complete=False)

    assert names(tmp_path) == []

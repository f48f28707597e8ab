"""The API that the sources in tests/sources read from."""

from __future__ import annotations

import http.client
import importlib.util
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

# As a module of its own file: test folders are no packages.
_spec = importlib.util.spec_from_file_location("far_end", Path(__file__).parent / "far_end.py")
far_end = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(far_end)


@pytest.fixture(scope="module")
def address():
    with far_end.FarEnd() as running:
        yield running.address


def ask(address, path, token=far_end.TOKEN, data=None):
    request = urllib.request.Request(address.url + path, data, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def ids(answer):
    return [item["id"] for item in answer["items"]]


def test_pages_offsets_cursors_and_times_lead_to_the_same_items(address):
    everything = list(range(1, 101))
    assert [i for page in range(1, 6) for i in ids(ask(address, f"/items?page={page}"))] == everything
    assert ids(ask(address, "/items?page=6")) == []
    assert [i for at in range(0, 100, 30) for i in ids(ask(address, f"/items?offset={at}&limit=30"))] == everything
    found, after = [], ""
    while after is not None:
        answer = ask(address, f"/items?after={after}&limit=1000")
        found += ids(answer)
        after = answer["next"]
    assert found == everything
    assert ids(ask(address, "/items?since=2024-01-01T00:33:00Z")) == [100]


def test_the_same_request_gets_the_same_answer(address):
    for path in ("/items?page=2", "/items?after=7&limit=5", "/parents", "/parents/4/children", "/empty", "/loops.json"):
        assert ask(address, path) == ask(address, path)


def test_a_wrong_token_is_refused_in_each_of_the_three_ways(address):
    for path, token in (("/items", "wrong"), ("/items.csv", ""), ("/nowhere", "wrong")):
        with pytest.raises(urllib.error.HTTPError, match="401") as refused:
            ask(address, path, token)
        assert json.load(refused.value) == {"error": "invalid token"}
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(f"{address.url}/items?key=wrong", timeout=10)
    refused.value.close()


def test_a_limit_that_is_too_large_is_refused_for_an_offset_and_cut_for_a_cursor(address):
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        ask(address, "/items?offset=0&limit=1001")
    refused.value.close()
    assert len(ids(ask(address, "/items?after=&limit=1001"))) == 50


def test_an_export_is_done_at_the_fourth_poll_each(address):
    for _ in range(2):
        number = ask(address, "/exports", data=b"")["id"]
        polls = [ask(address, f"/exports/{number}")["status"] for _ in range(5)]
        assert polls == ["running"] * 3 + ["done"] * 2


def test_each_refresh_gives_a_token_that_works(address):
    form = f"grant_type=refresh_token&refresh_token={far_end.REFRESH}".replace("+", "%2B").encode()
    tokens = {ask(address, "/token", token="", data=form)["access_token"] for _ in range(3)}
    assert len(tokens) == 3
    assert all(ids(ask(address, "/items", token=token)) for token in tokens)
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        ask(address, "/token", token="", data=b"refresh_token=wrong")
    refused.value.close()


def test_the_files_are_whole(address):
    connection = http.client.HTTPConnection(address.host, address.port, timeout=10)
    texts = []
    for name in ("items.csv", "items.ndjson"):  # on the same connection
        connection.request("GET", f"/{name}", headers={"Authorization": f"Bearer {far_end.TOKEN}"})
        response = connection.getresponse()
        texts.append((response.headers["Transfer-Encoding"], response.read().decode()))
    connection.close()
    assert [encoding for encoding, _ in texts] == [None, "chunked"]
    assert len(texts[0][1].splitlines()) == 101
    assert [json.loads(line) for line in texts[1][1].splitlines()] == list(far_end.ITEMS)


def test_many_connections_at_once_are_all_answered(address):
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda number: ids(ask(address, f"/items?page={number % 5 + 1}")), range(400)))
    assert {len(answer) for answer in answers} == {20}


def test_placeholders_are_filled_in_at_any_depth():
    there = far_end.Address("127.0.0.1", 8000)
    given = {"url": "{url}/v1", "ports": ["{port}"], "n": 3, "pair": ("{host}", None), "t": "{token}", "{url}": "key"}
    assert far_end.filled(given, there) == {
        "url": "http://127.0.0.1:8000/v1",
        "ports": ["8000"],
        "n": 3,
        "pair": ("127.0.0.1", None),
        "t": far_end.TOKEN,
        "{url}": "key",
    }

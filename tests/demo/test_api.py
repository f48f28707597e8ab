"""The demonstration's API gives all of its data, and behaves as a vendor's would."""

import importlib
import json
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
import requests
from cookiecutter.main import cookiecutter

from demo.api import LARGEST_PAGE, CountryAPI


@pytest.fixture
def api():
    with CountryAPI(flaky=False) as api:
        yield api


def get(api, path, token=None, **query):
    headers = {"Authorization": f"Bearer {api.token if token is None else token}"}
    return requests.get(f"{api.url}/{path}", headers=headers, params=query, timeout=10)


def test_it_lists_its_resources(api):
    listed = get(api, "resources").json()["resources"]
    assert [each["id"] for each in listed] == ["subdivisions", "languages", "countries"]
    assert listed[2] == {"id": "countries", "title": "Countries"}
    assert list(api.records) == [each["id"] for each in listed]


def test_the_data_are_real_and_many(api):
    assert len(api.records["subdivisions"]) > 5000
    assert len(api.records["languages"]) > 7500
    names = {row["alpha_2"]: row["name"] for row in api.records["countries"]}
    assert names["CH"] == "Switzerland"


@pytest.mark.parametrize(("resource", "size"), [("countries", 100), ("languages", 1000), ("subdivisions", 999)])
def test_the_pages_together_are_the_records(api, resource, size):
    first = get(api, resource, page=1, per_page=size).json()
    assert (first["page"], first["total"]) == (1, len(api.records[resource]))
    rows = first["items"]
    for number in range(2, first["pages"] + 1):
        rows += get(api, resource, page=number, per_page=size).json()["items"]
    assert rows == api.records[resource]
    assert get(api, resource, page=first["pages"] + 1, per_page=size).json()["items"] == []


def test_a_page_is_never_too_large(api):
    assert len(get(api, "languages", page=1, per_page=10**6).json()["items"]) == LARGEST_PAGE


@pytest.mark.parametrize("token", ["", "wrong", "ümlaut".encode().decode("latin-1")])
@pytest.mark.parametrize("path", ["resources", "countries", "nothing"])
def test_a_wrong_token_is_refused(api, path, token):
    assert get(api, path, token=token).status_code == 401


def test_no_token_is_refused(api):
    assert requests.get(f"{api.url}/resources", timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("nothing", {}, 404),
        ("../countries", {}, 404),
        ("countries", {"page": 0}, 400),
        ("countries", {"per_page": -1}, 400),
    ],
)
def test_what_it_does_not_have_it_says(api, path, query, status):
    response = get(api, path, **query)
    assert response.status_code == status
    assert response.json()["error"]


def test_each_resource_fails_once_and_every_seventh_request_is_too_many():
    with CountryAPI() as api:
        answers = [get(api, "countries") for _ in range(14)]
        assert [answer.status_code for answer in answers] == [503, *[200] * 5, 429, *[200] * 6, 429]
        assert answers[6].headers["Retry-After"] == "0"
        assert get(api, "languages").status_code == 503
        assert (api.requests, api.turned_away) == (15, 4)


def test_requests_are_answered_at_the_same_time_and_all_counted(api):
    threads = [threading.Thread(target=get, args=(api, "countries")) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert api.requests == 10


def test_it_writes_no_access_log(api, capfd):
    get(api, "resources")
    assert capfd.readouterr() == ("", "")


def test_each_start_has_a_token_of_its_own_and_shows_it_nowhere(api):
    with CountryAPI() as other:
        assert other.token != api.token
        assert other.url != api.url
        assert other.token not in repr(other)


def test_close_frees_the_port_and_works_twice():
    with CountryAPI() as api:
        get(api, "resources")
    api.close()
    assert "CountryAPI" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(requests.ConnectionError):
        get(api, "resources")


def test_one_that_was_never_entered_can_be_closed():
    api = CountryAPI()

    api.close()
    api.close()

    with pytest.raises(requests.ConnectionError):
        get(api, "resources")


@pytest.fixture
def made_source(tmp_path, monkeypatch):
    """What the template makes, imported; nothing of it stays behind."""
    config = tmp_path / "cookiecutter.yaml"
    config.write_text(json.dumps({"replay_dir": str(tmp_path / "replay")}))
    template = str(Path(__file__).parents[2] / "template")
    answers = {"title": "Demo of country codes"}
    project = cookiecutter(
        template, no_input=True, extra_context=answers, output_dir=str(tmp_path), config_file=str(config)
    )
    monkeypatch.syspath_prepend(project)
    yield importlib.import_module("demo_of_country_codes")
    for name in [name for name in sys.modules if name.startswith("demo_of_country_codes")]:
        del sys.modules[name]


def test_a_source_from_the_template_reads_it_all_in_spite_of_bad_moments(made_source):
    with CountryAPI() as api:
        stream = made_source.Stream({"token": api.token, "api_url": api.url}, {})
        rows = [row for batch in iter(stream.read, None) for row in batch]
        stream.close()
        assert api.turned_away >= 3 + api.requests // 7 - 1
    assert Counter(row["__table"] for row in rows) == {name: len(records) for name, records in api.records.items()}
    clean = [{name: value for name, value in row.items() if not name.startswith("__")} for row in rows]
    assert clean == [record for records in api.records.values() for record in records]

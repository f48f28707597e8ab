"""Files in a temporary folder, and the params with which the source finds them."""

import csv
import io
import json
import shutil

import pytest


class LocalFolder:
    """Has 115 rows in three files, one of them in a folder below, and a file that is no table."""

    def __init__(self, path):
        self.path = path
        self.rows = {}

    def reset(self):
        """Forget what the last test did."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.rows.clear()
        self.write("customers.csv", [{"id": str(number), "name": f"Customer {number}"} for number in range(57)])
        self.write("2024/orders.jsonl", [{"id": number, "customer": number % 3} for number in range(38)])
        self.write("2024/Returns.CSV", [{"id": str(number), "why": 'too, "small"\n'} for number in range(20)])
        self.put("notes.txt", b"No table.")

    def write(self, name, rows):
        """Make a file, or another one of the same name."""
        self.rows[name] = rows
        self.put(name, contents(name, rows).encode())

    def put(self, name, raw):
        """Make a file of these bytes."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_bytes(raw)

    @property
    def params(self):
        """What a user would have entered."""
        return {"folder": str(self.path)}


{% include "files/conftest_contents.py" %}


{% if cookiecutter.mode == "async" %}
@pytest.fixture(scope="session")
def anyio_backend():
    """What runs the tests that are `async def`: what runs the source, too."""
    return "asyncio"


{% endif %}
@pytest.fixture(scope="session")
def made_store(tmp_path_factory):
    return LocalFolder(tmp_path_factory.mktemp("files"))


@pytest.fixture
def local_store(made_store):
    made_store.reset()
    return made_store


# These the data source contract asks for.


@pytest.fixture
def panoply_params(local_store):
    return local_store.params


@pytest.fixture
def panoply_bad_params(local_store):
    return {"folder": str(local_store.path / "nowhere")}

"""The mistakes that sources usually have, each planted in a project from the template: its tests or the contract fail.

For each it is said what has to notice; only that is run. `make template-matrix` plants all of them; a usual run of these
tests every tenth.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

import pytest
import steps
from breaking import emptied, is_noticed


@dataclass(frozen=True)
class Mistake:
    """`old` is replaced by `new` in a file of the package; `noticed_by`: a test of the project's, or a check."""

    file: str
    old: str
    new: str
    noticed_by: str


END = "        if not self._waiting:\n            return None\n\n        resource"

API = {
    "it starts over after its end": Mistake(
        "source",
        END,
        END.replace("return None", "self._waiting = None\n            return None"),
        "read_stays_at_eof",
    ),
    "it never ends": Mistake("source", END, END.replace("return None", "return []"), "read_ends_with_none"),
    "NaN in the second page": Mistake(
        "source",
        "        return self._mark(rows, resource)",
        "        for row in rows:\n"
        "            if row['id'] == 41:\n"
        "                row['price'] = float('nan')\n"
        "        return self._mark(rows, resource)",
        "records_are_json",
    ),
    "no progress": Mistake("source", "        self.progress(", "        (lambda *_: None)(", "progress_on_every_read"),
    "a tuple": Mistake(
        "source",
        "return self._mark(rows, resource)",
        "return tuple(self._mark(rows, resource))",
        "read_returns_list_of_dicts",
    ),
    "the first page is left out": Mistake(
        "source", "        self._next_page = 1\n\n", "        self._next_page = 2\n\n", "test_every_row_is_read_once"
    ),
    "the last page is left out": Mistake(
        "client", "self.number >= self.pages\n", "self.number >= self.pages - 1\n", "test_every_row_is_read_once"
    ),
    "only the first page is read": Mistake(
        "client", "self.number >= self.pages\n", "True\n", "test_every_row_is_read_once"
    ),
    "a page is counted before it has come": Mistake(
        "source",
        "            self._page = self._client.page(resource, self._next_page)\n",
        "            self._next_page += 1\n            self._page = self._client.page(resource, self._next_page - 1)\n",
        "test_a_failed_read_can_be_repeated",
    ),
    "what is left of a page is forgotten": Mistake(
        "source", "if self._taken == len(page.rows):", "if rows:", "read_treats_n_as_a_hint"
    ),
    "a failure is taken for the end": Mistake(
        "source",
        "            self._page = self._client.page(resource, self._next_page)\n",
        "            try:\n"
        "                self._page = self._client.page(resource, self._next_page)\n"
        "            except panoply.PanoplyException:\n"
        "                return None\n",
        "faults_are_reported",
    ),
    "a failure is taken for an empty batch": Mistake(
        "source",
        "            self._page = self._client.page(resource, self._next_page)\n",
        "            try:\n"
        "                self._page = self._client.page(resource, self._next_page)\n"
        "            except panoply.PanoplyException:\n"
        "                self._waiting = self._waiting[1:]\n"
        "                return []\n",
        "read_survives_a_fault",
    ),
    "an error status is taken for data": Mistake(
        "client", "return response.raise_for_status()", "return response", "bad_credentials_are_not_retried"
    ),
    "a refused token is tried again": Mistake(
        "client",
        "        return panoply.PanoplyException(message, retryable=False)\n    again",
        "        return panoply.PanoplyException(message)\n    again",
        "bad_credentials_are_not_retried",
    ),
    "no time-out": Mistake("client", "httpx.Timeout(10, connect=5)", "httpx.Timeout(None)", "network_calls_time_out"),
    "the API decides how long to wait": Mistake(
        "client", "min(int(seconds), LONGEST_WAIT)", "int(seconds)", "test_it_waits_as_asked_within_reason"
    ),
    "nothing is tried again": Mistake(
        "client", "ATTEMPTS, PATIENCE = 4", "ATTEMPTS, PATIENCE = 1", "test_a_short_failure_is_not_noticed"
    ),
    "the token in an error": Mistake(
        "client",
        'f"GET /{path}: no usable answer from the API: {exc}"',
        "f\"GET /{path}: {self._http.headers['Authorization']} got no usable answer from the API: {exc}\"",
        "errors_hide_credentials",
    ),
    "the token printed": Mistake(
        "source",
        "        super().__init__(source, options)\n",
        "        super().__init__(source, options)\n        print(source)\n",
        "logs_hide_credentials",
    ),
    "the token in the state": Mistake(
        "source",
        '"next_page": self._next_page}',
        '"next_page": self._next_page, "token": self.source["token"]}',
        "state_hides_credentials",
    ),
    "the token in the rows": Mistake(
        "source", '"__state": state_id}', '"__state": state_id, "by": self.source["token"]}', "records_hide_credentials"
    ),
    "progress past the end": Mistake(
        "source",
        "self.progress(self._loaded, total,",
        "self.progress(total + 1, total,",
        "progress_counts_are_integers",
    ),
    "progress that is announced complete too early": Mistake(
        "source",
        "len(self._waiting) - 1\n        self.progress",
        "0\n        self.progress",
        "test_progress_ends_complete",
    ),
    "one state for all": Mistake(
        "source", "state_id = uuid.uuid4().hex", 'state_id = "position"', "state_ids_are_unique"
    ),
    "a state that no row leads to": Mistake("source", ', "__state": state_id}', "}", "records_carry_state"),
    "a state that is ahead of its rows": Mistake(
        "source", '"next_page": self._next_page}', '"next_page": self._next_page + 1}', "state_resumes"
    ),
    "a run that never goes on": Mistake(
        "source", 'source.pop("state", None) or {}', "{}", "test_a_stop_between_two_pages_repeats_nothing"
    ),
    "a client that all instances share": Mistake(
        "source",
        "self._client = AcmeCrmClient(source)",
        "SHARED.append(AcmeCrmClient(source))\n        self._client = SHARED[0]",
        "instances_are_independent",
    ),
    "the params used up": Mistake(
        "source",
        '        chosen = [each["value"]',
        '        self.source.pop("token")\n        chosen = [each["value"]',
        "source_is_reusable",
    ),
    "connections left open": Mistake(
        "client", "        self._http.close()\n", "        return\n", "test_after_close_nothing_is_asked_for"
    ),
    "a password that everybody sees": Mistake(
        "config", '"type": "password"', '"type": "text"', "config_secrets_are_masked"
    ),
    "a dependency that there is not": Mistake(
        "config", '"dependencies": ["token", "api_url"]', '"dependencies": ["tokens", "api_url"]', "config_is_valid"
    ),
    "an icon of another kind": Mistake("config", "data:image/png", "data:image/jpeg", "config_icon_is_image"),
    "choices of another shape": Mistake("config", '"value": resource.id', '"id": resource.id', "config_values_resolve"),
}

FILES = {
    "the header is a row": Mistake(
        "rows", "header = next(reader, [])", 'header = ["id", "name"]', "test_every_row_is_read_once_and_whole"
    ),
    "a mark at the beginning belongs to a name": Mistake(
        "source", "utf-8-sig", "utf-8", "test_every_row_is_read_once_and_whole"
    ),
    "the last row is left out": Mistake(
        "rows", "    if row is not None:\n        yield row, True\n", "", "test_every_row_is_read_once_and_whole"
    ),
    "rows that are too short are filled up": Mistake(
        "rows", "if values and len(values) != len(header):", "if False:", "test_a_file_of_another_shape_is_reported"
    ),
    "a broken file is taken for its end": Mistake(
        "rows",
        "        raise panoply.PanoplyException(",
        "        return\n        raise panoply.PanoplyException(",
        "test_a_file_of_another_shape_is_reported",
    ),
    "a file that has changed is gone on with": Mistake(
        "source",
        '(waiting[0].name, waiting[0].version) == (stopped.get("name"), stopped.get("version"))',
        'waiting[0].name == stopped.get("name")',
        "test_a_file_that_changed_after_a_stop_is_read_from_its_beginning",
    ),
    "what was read before is read again": Mistake(
        "source",
        "if self._state.get(_key(file)) != file.version",
        "",
        "test_what_was_read_before_is_read_again_only_where_it_has_changed",
    ),
    "a file is left open": Mistake(
        "source", "        self._close_file()\n\n", "        self._waiting = None\n\n", "close_releases_everything"
    ),
    "a disk that fails is taken for the end of a file": Mistake(
        "source",
        "except BaseException:",
        "except panoply.PanoplyException:",
        "test_a_failure_in_mid_file_is_not_its_end",
    ),
    "a missing folder is taken for an empty one": Mistake(
        "store", "if not self._folder.is_dir():", "if False:", "bad_credentials_fail_clearly"
    ),
}


# What is planted in this run.
STEP = 1 if os.environ.get("PANOPLY_ALL_MISTAKES") else 10


def some(mistakes):
    return [pytest.param(mistake, id=name) for name, mistake in list(mistakes.items())[::STEP]]


def planted(project, mistake):
    [path] = project.glob(f"*/{mistake.file}.py")
    text = path.read_text(encoding="utf-8")
    assert mistake.old in text, f"the template has changed: plant this mistake anew in {path.name}"
    text = text.replace(mistake.old, mistake.new)
    return path, text.replace(
        "class Stream(", "SHARED: list[Any] = []\n\n\nclass Stream("
    ) if "SHARED" in text else text


@pytest.fixture(scope="module")
def projects(tmp_path_factory, bake_into):
    made = {}

    def project(kind, auth):
        if kind not in made:
            made[kind] = bake_into(tmp_path_factory.mktemp(kind), title="Acme CRM", kind=kind, auth=auth)
        return made[kind]

    return project


def check(project, tmp_path, mistake):
    copy = tmp_path / "project"
    shutil.copytree(project, copy)
    path, text = planted(copy, mistake)
    words = ["pytest", "-p", "no:cacheprovider", "-q", "--panoply-strict", "-k", mistake.noticed_by]
    path.write_text(text, encoding="utf-8")
    with pytest.raises(steps.StepError) as caught:
        steps.run(*words, folder=copy, seconds=120)
    # It ran, and failed; it did not just not begin.
    assert " ended with 1\n" in str(caught.value), caught.value
    assert f"{mistake.noticed_by}" in str(caught.value).partition("short test summary")[2], caught.value


@pytest.mark.parametrize("mistake", some(API))
def test_a_mistake_of_those_who_read_pages_is_noticed(projects, tmp_path, mistake):
    check(projects("api", "token"), tmp_path, mistake)


@pytest.mark.parametrize("mistake", some(FILES))
def test_a_mistake_of_those_who_read_files_is_noticed(projects, tmp_path, mistake):
    check(projects("files", "none"), tmp_path, mistake)


@pytest.mark.parametrize("function", ["client.py: page", "source.py: close"])
def test_a_function_without_a_body_is_missed(projects, tmp_path, function):
    """A few of them; `make template-matrix` empties all."""
    copy = tmp_path / "project"
    shutil.copytree(projects("api", "token"), copy)
    [(path, text)] = [(path, text) for name, path, text in emptied(copy) if name == function]
    assert is_noticed(copy, path, text)


def test_nothing_is_missed_where_nothing_is_broken(projects):
    """Otherwise it would mean nothing that something is."""
    project = projects("files", "none")
    path = project / "acme_crm" / "source.py"
    assert not is_noticed(project, path, path.read_text(encoding="utf-8"))

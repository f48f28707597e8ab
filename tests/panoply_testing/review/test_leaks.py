"""Credentials in files and in the history are found by their forms, never shown; what only looks like one is left alone."""

from __future__ import annotations

import subprocess

import pytest
from review_projects import RIGHT, commit, git, make, put, site_of

from panoply_testing.review import leaks as family
from panoply_testing.review._secret_scan import scan

# Made up, and put together here, so that nobody's scanner finds them in this file.
RANDOM = "q7Zp2LxV9dKc4TnB6wYh3RmJ8sFg5AaE1uQo0iXt"
KEY = "\n".join(RANDOM[:32][number:] + RANDOM[:number] for number in range(8))
SECRETS = {
    "AWS": "AK" + "IA" + "Q7ZP2LXV9DKC4TNB",
    "GitHub": "gh" + "p_" + RANDOM[:36],
    "GitHub, fine": "github" + "_pat_" + RANDOM + RANDOM[:20],
    "GitLab": "gl" + "pat-" + RANDOM[:20],
    "Slack": "xo" + "xb-123907482-98237498123-" + "q7zp2lxv9dkc4tnb6wyh3rmj",
    "Stripe": "sk" + "_live_" + RANDOM[:24],
    "Google": "AI" + "za" + RANDOM[:35],
    "Shopify": "shp" + "at_" + "9f3b2c7d1e8a4056b7c9d2e4f6a8b0c1",
    "SendGrid": "SG" + "." + RANDOM[:22] + "." + (RANDOM + RANDOM)[:43],
    "private key": "-----BEGIN RSA " + f"PRIVATE KEY-----\n{KEY}\n-----END RSA PRIVATE KEY-----",
    "private key on one line": "-----BEGIN " + "PRIVATE KEY-----\\n" + KEY.replace("\n", "\\n"),
}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("form", ["x = '{}'\n", "# {}\n", '{{"a": "{}"}}\n', "curl -H 'X: {}'\n"])
def test_what_has_a_provider_s_form_is_found_anywhere(kind, form):
    text = "first line\n" + form.format(SECRETS[kind])
    for path in ("shop/source.py", "tests/test_a.py", "README.md"):
        (hit,) = scan(path, text)
        assert hit.line == 2
        assert SECRETS[kind][8:] not in hit.masked


NAMED = {
    "Python": ("shop/source.py", "API_TOKEN = '{}'"),
    "typed Python": ("shop/source.py", "token: str = '{}'"),
    "dict": ("shop/source.py", "x = {{'client_secret': '{}'}}"),
    "item": ("shop/source.py", "headers['api_key'] = '{}'"),
    "argument": ("shop/source.py", "connect(password='{}')"),
    "JSON": ("params.prod.json", '{{"token": "{}"}}'),
    "TOML": ("a.toml", 'password = "{}"'),
    "YAML": ("a.yml", "  password: {}"),
    "env": (".env", "export SHOP_TOKEN={}"),
    "ini": ("a.ini", "db_password = {}"),
    "URL": ("shop/source.py", "x = 'postgresql://shop:{}@db.shop.io/x'"),
}


@pytest.mark.parametrize("case", NAMED)
@pytest.mark.parametrize("value", [RANDOM, "9f3b2c7d1e8a4056b7c9d2e4f6a8b0c1", "Wn-8fk_29xQ.pL3v7Zr"])
def test_what_a_credential_s_name_is_given_is_found(case, value):
    path, line = NAMED[case]
    assert [hit.line for hit in scan(path, f"\n{line.format(value)}\n")] == [2]
    # Tests are full of these, and should be.
    assert scan(f"tests/{path}", line.format(value)) == ()


HARMLESS = {
    "from the source": "token = source['token']",
    "from the environment": "API_TOKEN = os.environ['SHOP_API_TOKEN_V2']",
    "a placeholder": '{"token": "PASTE-YOUR-TOKEN-HERE"}',
    "another": 'token = "<your-api-token-1234>"',
    "one more": "password: xxxxxxxxxxxxxxxx",
    "a template": "token: ${SHOP_TOKEN_2024_abc}",
    "another template": "password = '{{ shop_password_1 }}'",
    "words": "token_help = 'made-in-the-settings-of-your-account'",
    "the name of a param": "PASSWORD_PARAM = 'mysql_password_field_2'",
    "a path": "keyfile = '/etc/shop/keys/2024/shop.pem'",
    "an address": "token_url = 'https://shop.io/oauth2/token/v2/a1b2c3'",
    "a digest": "sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'",
    "an icon": "icon = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4'",
    "Amazon's own example": "key = 'AK" + "IAIOSFODNN7EXAMPLE'",
    "a pattern": "TOKEN = re.compile(r'ghp_[A-Za-z0-9]{36}')",
    "only a header": "if '-----BEGIN " + "PRIVATE KEY-----' in text: pass",
    "a key with dots": "-----BEGIN " + "PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "a URL of this machine": "x = 'postgresql://shop:9f3b2c7d1e8a4056@localhost:5432/x'",
    "a URL to fill in": "x = 'postgresql://user:password@host/db'",
    "another URL to fill in": "x = f'postgresql://{user}:{password}@{host}/db'",
    "an example's URL": "https://me:9f3b2c7d1e8a4056@shop.example.com",
    "part of something longer": "x = 'a/" + SECRETS["AWS"] + "Q7ZP/b'",
    "allowed": "API_TOKEN = '" + RANDOM + "'  # pragma: allowlist secret",
    "allowed above": "# pragma: allowlist secret\nAPI_TOKEN = '" + RANDOM + "'",
    "a number": "token = '20240101120000000'",
    "a column": "primary_key = 'a1b2c3d4e5f6a7b8c9d0'",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_only_looks_like_one_is_left_alone(case):
    for path in ("shop/source.py", "params.json", "a.yml", "README.md"):
        assert scan(path, HARMLESS[case]) == ()


@pytest.fixture
def look(tmp_path):
    def look(folder):
        return family.look(site_of(folder, tmp_path / "scratch"))

    return look


@pytest.mark.parametrize("word", ["x" * 9990, "a1b2" * 2497, "a.b-" * 2497])
def test_a_megabyte_of_data_does_not_take_for_ever(word):
    assert scan("data.py", f"{word}\n" * 100) == ()


def test_a_right_project_has_no_finding(project, look):
    outcome = look(commit(project()))
    assert (outcome.findings, outcome.unchecked) == ((), ())
    assert set(outcome.judged) == {"files_hold_no_secrets", "history_holds_no_secrets"}


def test_a_secret_in_a_file_is_told_with_its_line_and_without_its_value(project, look):
    outcome = look(commit(project({"shop/keys.py": f"\nTOKEN = '{SECRETS['GitHub']}'\n"})))
    (finding,) = outcome.findings
    assert (finding.rule, finding.path, finding.line) == ("files_hold_no_secrets", "shop/keys.py", 2)
    assert "a GitHub token (40 characters)" in finding.found
    assert RANDOM[:8] not in str(outcome)


def test_a_file_that_git_ignores_may_hold_one(project, look):
    folder = commit(project())
    put(folder, "params.json", f'{{"token": "{SECRETS["GitHub"]}"}}')
    assert look(folder).findings == ()


def removed(folder):
    put(folder, "shop/keys.py", f"TOKEN = '{SECRETS['GitHub']}'\n")
    commit(folder, "Oops")
    put(folder, "shop/keys.py", None)
    commit(folder, "Remove it")


def rewritten(folder):
    put(folder, "shop/keys.py", f"TOKEN = '{SECRETS['GitHub']}'\n")
    commit(folder, "Oops")
    put(folder, "shop/keys.py", "TOKEN = None\n")
    commit(folder, "Change it")


def on_a_branch(folder):
    git(folder, "switch", "--quiet", "--create", "feature")
    put(folder, "shop/keys.py", f"TOKEN = '{SECRETS['GitHub']}'\n")
    commit(folder, "Oops")
    git(folder, "switch", "--quiet", "main")


def on_a_merged_branch(folder):
    on_a_branch(folder)
    git(folder, "switch", "--quiet", "feature")
    put(folder, "shop/keys.py", None)
    commit(folder, "Remove it")
    git(folder, "switch", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "feature", "--message", "Merge")


@pytest.mark.parametrize("hide", [removed, rewritten, on_a_branch, on_a_merged_branch])
def test_a_secret_in_the_history_is_told_with_its_commit(project, look, hide):
    folder = commit(project(), "First")
    hide(folder)
    outcome = look(folder)
    (finding,) = outcome.findings
    oops = git(folder, "log", "--all", "--grep=Oops", "--format=%h")
    assert finding.rule == "history_holds_no_secrets"
    assert f"shop/keys.py, as of commit {oops}, line 1, holds what looks like a GitHub token" in finding.found
    assert RANDOM[:8] not in str(outcome)


def test_a_secret_that_is_still_there_is_told_once(project, look):
    folder = commit(project({"shop/keys.py": f"TOKEN = '{SECRETS['GitHub']}'\n"}))
    put(folder, "shop/keys.py", f"# Ours.\nTOKEN = '{SECRETS['GitHub']}'\n")
    commit(folder)
    assert [each.rule for each in look(folder).findings] == ["files_hold_no_secrets"]


def test_without_git_there_is_no_history_to_look_at(project, look):
    outcome = look(project())
    assert [each.rule for each in outcome.unchecked] == ["history_holds_no_secrets"]


def test_a_shallow_clone_has_not_all_of_it(project, look, tmp_path):
    folder = commit(project())
    put(folder, "more.md", "x")
    commit(folder)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{folder}", str(clone)], check=True)
    outcome = look(clone)
    assert outcome.findings == ()
    assert "fetch-depth: 0" in outcome.unchecked[0].reason


def test_a_partial_clone_has_not_all_of_it_either(project, look, tmp_path):
    folder = commit(project({"old.md": "once\n"}))
    git(folder, "config", "uploadpack.allowFilter", "true")
    put(folder, "old.md", None)
    commit(folder)
    git(
        tmp_path, "-c", "protocol.file.allow=always", "clone", "--quiet", "--filter=blob:none", folder.as_uri(), "clone"
    )
    outcome = look(tmp_path / "clone")
    assert (outcome.judged, outcome.findings) == (("files_hold_no_secrets",), ())
    assert "without --filter" in outcome.unchecked[0].reason


def test_the_right_project_is_right(tmp_path):
    assert [scan(name, text) for name, text in RIGHT.items() if scan(name, text)] == []
    assert make(tmp_path / "x").exists()

"""`panoply._inner_secrets`, by way of `credential_values`: what is secret within a longer text, whatever its param is called."""

from __future__ import annotations

import base64
import json

import pytest

from panoply._inner_secrets import is_address
from panoply.config import names_a_credential
from panoply.masking import credential_values

KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh\n-----END PRIVATE KEY-----\n"
ACCOUNT = json.dumps(
    {"type": "service_account", "project_id": "acme-project", "private_key": KEY, "token_uri": "https://t"}
)


def found(value, name="address"):
    return {secret: path for path, secret in credential_values({name: value}, names_a_credential)}


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("postgres://joe:s3cr3t-1@db/x", "s3cr3t-1"),
        ("mongodb://joe:s3cr3t-1@h1:27017,h2:27017/x?replicaSet=r", "s3cr3t-1"),
        ("mongodb+srv://joe:s3cr3t%2F1@h/x", "s3cr3t/1"),
        ("mysql://joe:s3@cr3t-1@db/x", "s3@cr3t-1"),
        ("redis://:s3cr3t-1@cache:6379/0", "s3cr3t-1"),
        ("jdbc:postgresql://db/x?user=joe&password=s3cr3t-1&ssl=true", "s3cr3t-1"),
        ("jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=s3cr3t-1;", "s3cr3t-1"),
        ("jdbc:oracle:thin:scott/s3cr3t-1@//db:1521/x", "s3cr3t-1"),
        ("Server=db;Database=x;User Id=sa;Password=s3cr3t-1;", "s3cr3t-1"),
        ("Server=db;Uid=sa;Pwd='s3 cr3t;1';", "s3 cr3t;1"),
        ("Driver={ODBC Driver 18};Server=db;Uid=sa;Pwd={s3;cr3t}}1};", "s3;cr3t}1"),
        ("host=db user=joe password=s3cr3t-1", "s3cr3t-1"),
        ("AccountName=acme;AccountKey=c2VjcmV0c2VjcmV0==;EndpointSuffix=core", "c2VjcmV0c2VjcmV0=="),
        ("https://api.acme.test/v1?format=json&api_key=s3cr3t%2B1", "s3cr3t+1"),
        ("https://maps.acme.test/?key=AIzaS3cr3t", "AIzaS3cr3t"),
        ("Authorization: Bearer s3cr3t-token-1", "s3cr3t-token-1"),
        ('{"Authorization": "Bearer s3cr3t-token-1"}', "s3cr3t-token-1"),
        ("Basic am9lOnMzY3IzdC0x and Authorization: Basic am9lOnMzY3IzdC0x", "s3cr3t-1"),
        (f"some text, then {KEY}", KEY.strip()),
        (ACCOUNT, KEY),
        (base64.b64encode(ACCOUNT.encode()).decode(), KEY),
        (json.dumps({"inner": ACCOUNT}), KEY),
        (json.dumps([{"api_key": "s3cr3t-1"}]), "s3cr3t-1"),
    ],
)
def test_what_is_secret_within_a_text_counts_whatever_its_param_is_called(value, secret):
    assert secret in found(value)


@pytest.mark.parametrize(
    ("params", "secret", "path"),
    [
        ({"headers": {"Authorization": "Bearer s3cr3t-1"}}, "s3cr3t-1", "headers.Authorization (the token in it)"),
        (
            {"headers": {"Authorization": "Basic am9lOnMzY3IzdC0x"}},
            "s3cr3t-1",
            "headers.Authorization (the password in it)",
        ),
        ({"tunnel": {"host": "h", "user": "u", "privateKey": KEY}}, KEY, "tunnel.privateKey"),
        ({"apiKeys": '["key-aaaa-1111", "key-bbbb-2222"]'}, "key-bbbb-2222", "apiKeys[1]"),
        ({"credentials": ACCOUNT}, KEY, "credentials.private_key"),
        ({"db_pw": "s3cr3t-1"}, "s3cr3t-1", "db_pw"),
    ],
)
def test_credentials_are_found_where_they_are_nested(params, secret, path):
    assert (path, secret) in list(credential_values(params, names_a_credential))


def test_of_a_key_file_only_what_is_named_so_is_secret():
    inner = set(found(ACCOUNT, "credentials")) - {ACCOUNT}

    assert inner == {KEY}


@pytest.mark.parametrize(
    "value",
    [
        "select * from orders o join keys k on k.key=o.foreign_key where o.sort_key = 'created'",
        "https://acme.test/path?page=2&sort_key=created_at",
        "authorization: required whenever the account is closed",
        "a bearer of news",
        "{not json",
        "x" * 10_000 + "=",
        "a b c d e f " * 2_000,
        "",
    ],
)
def test_ordinary_text_holds_no_credential(value):
    assert found(value) == {}


@pytest.mark.parametrize("value", ["https://acme.test/x", "jdbc:mysql://h/d", "host=db user=joe", "Server=db;Pwd=x;"])
def test_urls_and_connection_strings_are_addresses(value):
    assert is_address(value)


@pytest.mark.parametrize("value", ["s3cr3t", "pass=word1", "YWJjZGVm==", "a b c", KEY, "select a=b"])
def test_other_values_are_none(value):
    assert not is_address(value)


def test_json_that_is_nested_without_end_is_left():
    assert found("[" * 100_000) == {}

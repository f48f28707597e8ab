"""`panoply_testing.secrets`: which values are credentials, and that no text shows one."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply_testing._facts import marks_of
from panoply_testing.secrets import Credentials, Marks, Secret, credentials_among, join_arguments, secrets_named

VALUE = "abc/def+12 34=xyz"


def looking_for(*values: str) -> Credentials:
    return Credentials(Secret(label=f"param token{number}", value=value) for number, value in enumerate(values))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (VALUE, "as is"),
        (quote(VALUE), "percent-encoded"),
        (quote(VALUE, safe=""), "percent-encoded"),
        (quote(VALUE, safe="").lower(), "percent-encoded"),
        (quote_plus(VALUE), "percent-encoded"),
        ("".join(f"%{byte:02x}" for byte in VALUE.encode()), "percent-encoded"),
        (quote(quote(VALUE, safe=""), safe=""), "percent-encoded twice"),
        (VALUE.encode().hex(), "in hex"),
        (base64.b64encode(VALUE.encode()).decode(), "in base64"),
    ],
)
def test_a_credential_is_found_in_each_encoding_and_shown_masked(text, encoding):
    (found,) = looking_for(VALUE).find(f"GET /x?token={text}&page=2")

    assert (found.secret, found.encoding) == ("param token0", encoding)
    assert found.excerpt == "GET /x?token=ab***yz&page=2"


def test_base64_of_user_and_token_together_is_found():
    basic = base64.b64encode(f"user:{VALUE}".encode()).decode()

    (found,) = looking_for(VALUE).find(f"Authorization: Basic {basic}")

    assert (found.encoding, found.excerpt) == ("in base64", "Authorization: Basic dXNlcjab***yz")


def test_each_line_of_a_key_counts():
    first, second = "MIIEvQIBADANBgkqhkiG9w0BAQ8fK2xQ9z", "EFAASCBKcwggSjAgEAAoIBAQC7"
    key = f"-----BEGIN KEY-----\n{first}\n{second}\n-----END KEY-----"
    (found,) = looking_for(key).find(f"read {second}")

    assert found.encoding == "one of its lines"
    assert second not in found.excerpt
    assert looking_for(key).find("-----BEGIN KEY-----") == ()


@pytest.mark.parametrize("text", ["nothing here", "ab***yz", "abc/def", "a b c / d e f", "", "%61%62"])
def test_what_only_looks_alike_is_not_found(text):
    assert looking_for(VALUE).find(text) == ()


def test_short_values_and_everyday_words_are_not_looked_for_but_noted():
    looking = looking_for("12345", "Password", "s3cr3t-1")

    assert [secret.label for secret in looking.secrets] == ["param token2"]
    assert looking.not_searched == (
        "param token0: shorter than 6 characters",
        "param token1: an everyday word, which occurs in any text",
    )


def test_an_excerpt_masks_the_other_credentials_around_as_well():
    found = looking_for("first-secret", "second-secret").find("a first-secret b second-secret c")

    assert [each.excerpt for each in found] == ["a fi***et b se***et c"] * 2


@given(
    value=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=6, max_size=40),
    before=st.text(max_size=60),
    after=st.text(max_size=60),
    encode=st.sampled_from([str, quote, quote_plus, json.dumps, lambda v: quote(quote(v))]),
)
def test_whatever_the_text_the_value_is_found_and_never_shown(value, before, after, encode):
    looking = looking_for(value)
    if not looking.secrets:
        return
    text = f"{before} {encode(value.strip())} {after}"

    assert looking.find(text)
    shown = [looking.mask(text), *(found.excerpt for found in looking.find(text))]
    hidden = value.strip()[2:-2]
    assert all(value.strip() not in each or value.strip() in looking.secrets[0].masked for each in shown), hidden


def masked(*names):
    return Marks(masked=frozenset(names))


def test_credentials_are_what_config_marks_what_names_say_and_what_is_nested():
    params = {
        "user": "joe-the-user",
        "token": "the-token",
        "code": "marked-code",
        "tunnel": {"host": "h.example.com", "username": "tunnel-user", "privateKey": "the-private-key"},
        "url": "postgres://joe:url%2Fpass@db/x",
        "dsn": "host=db password='dsn pass' user=x",
        "pins": [{"api_key": "the-api-key"}],
        "limit": 1000000,
    }
    options = {"refresh": {"client_id": "the-client", "client_secret": "the-secret"}, "logger": print}

    labels = {secret.value: secret.label for secret in credentials_among(params, options, masked("code"))}

    assert labels["the-token"] == "param token"
    assert labels["marked-code"] == "param code"
    assert labels["the-private-key"] == "param tunnel.privateKey"
    assert labels["url/pass"] == "param url (the password in it)"
    assert labels["dsn pass"] == "param dsn (the password in it)"
    assert labels["the-api-key"] == "param pins[0].api_key"
    assert labels["the-secret"] == "option refresh.client_secret"
    assert not {"joe-the-user", "tunnel-user", "h.example.com", "1000000"} & set(labels)


def test_no_repr_shows_a_value():
    looking = looking_for("first-secret")

    assert "first-secret" not in repr(looking) + repr(looking.secrets)


@pytest.mark.parametrize("name", ["database_url", "connection_string", "dsn"])
def test_of_an_address_the_password_is_the_credential_unless_config_marks_it(name):
    address = "postgres://joe:s3cr3t-1@db.acme.test/orders"

    assert {secret.value for secret in credentials_among({name: address}, {})} == {"s3cr3t-1"}
    assert {secret.value for secret in credentials_among({name: address}, {}, masked(name))} == {"s3cr3t-1", address}
    assert credentials_among({name: "postgres://db.acme.test/orders"}, {}) == ()


HIDDEN = [
    {"name": "ref", "type": "hidden", "default": "v2-incremental-9"},
    {"name": "flag", "hidden": True},
    {"name": "api_key", "type": "hidden", "default": "k-of-the-app"},
]


@pytest.mark.parametrize(
    ("params", "counts"),
    [
        ({"ref": "9b1deb4d-3b7d-4bad"}, True),
        ({"flag": "9b1deb4d-3b7d-4bad"}, True),
        ({"ref": {"session": "9b1deb4d-3b7d-4bad"}}, True),
        ({"ref": "v2-incremental-9"}, False),
        ({"ref": "production"}, False),
        ({"ref": "app-secret"}, True),
        ({"ref": "hid-4471"}, True),
        ({"flag": 10029384}, False),
        ({"flag": "2024-05-31"}, False),
        ({"flag": "2024-05-31T10:00:00Z"}, False),
        ({"flag": "2024-05-31-9b1deb4d"}, True),
        ({"ref": {"token": "production"}}, True),
        ({"api_key": "k-of-the-app"}, True),
        ({"api_key": "production"}, True),
    ],
)
def test_what_is_hidden_is_a_credential_unless_it_is_as_plain_as_what_occurs_in_any_text(params, counts):
    looking = Credentials(credentials_among(params, {}, marks_of({"params": HIDDEN})))

    assert len(looking.secrets) == counts
    assert bool(looking.not_searched) is not counts


def test_what_config_lets_choose_is_none_whatever_its_name():
    config = {
        "params": [
            {
                "name": "auth",
                "type": "select",
                "values": ["service_account", {"name": "Key", "value": "api_key_header"}],
            },
            {"name": "secret", "type": "password", "values": ["service_account"]},
            "no param",
            {"name": "token", "values": len},
        ]
    }

    def among(**params):
        return [secret.value for secret in credentials_among(params, {}, marks_of(config))]

    assert among(auth="service_account") == among(auth="api_key_header") == []
    assert among(auth="typed-by-hand") == ["typed-by-hand"]
    assert among(secret="service_account", token="the-token") == ["service_account", "the-token"]


def test_of_a_grant_the_address_and_the_names_are_none():
    grant = {
        "instance_url": "https://eu7.acme.test",
        "shop": "acme-outdoor",
        "access_token": "the-token",
        "code": "4/0AX",
    }
    grant["webhook_url"] = "https://hooks.acme.test/8fK2xQ9z77"

    found = {secret.value for secret in credentials_among({"account": grant}, {}, masked("account"))}

    assert found == {"the-token", "4/0AX", "https://hooks.acme.test/8fK2xQ9z77"}


def test_an_address_that_is_itself_the_secret_counts():
    hook = "https://hooks.acme.test/services/8fK2xQ9z77"

    assert [secret.value for secret in credentials_among({"webhook_secret": hook}, {})] == [hook]


def test_all_that_refresh_holds_counts_but_for_where_it_is_sent():
    refresh = {"client_id": "the-client", "refresh_token": "the-token", "token_uri": "https://acme.test/token"}

    assert {s.value for s in credentials_among({}, {"refresh": refresh})} == {"the-client", "the-token"}


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        (
            {"pin": 12345678, "cert": b"the-cert"},
            {"12345678": "panoply_secrets['pin']", "the-cert": "panoply_secrets['cert']"},
        ),
        (
            ["one-value", "two-value", "one-value"],
            {"one-value": "panoply_secrets[0]", "two-value": "panoply_secrets[1]"},
        ),
        ("a-lone-value", {"a-lone-value": "panoply_secrets"}),
        ({"ssh": {"key": "the-key"}, "none": None, "empty": " "}, {"the-key": "panoply_secrets['ssh']['key']"}),
        ((value for value in ("from-a-generator",)), {"from-a-generator": "panoply_secrets[0]"}),
        (None, {}),
    ],
)
def test_a_project_names_its_secrets_by_name_or_alone(given, labels):
    assert {secret.value: secret.label for secret in secrets_named(given)} == labels


def test_what_is_no_secret_is_refused_without_being_shown():
    with pytest.raises(TypeError, match=r"panoply_secrets\['a'\] is of type bool\. A secret is text"):
        secrets_named({"a": True, "b": "the-other-secret"})


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (("login", "8fK2xQ9z", "77aLmN"), ("login 8fK2xQ9z 77aLmN", "login8fK2xQ9z77aLmN")),
        (("one",), ("one",)),
        ((), ()),
        ((b"bytes", 12, None), ("bytes 12 None", "bytes12None")),
    ],
)
def test_arguments_are_joined_so_that_what_is_split_over_them_is_found(arguments, texts):
    assert join_arguments(arguments) == texts


def test_a_credential_split_over_arguments_is_found():
    looking = looking_for("8fK2xQ9z77aLmN")

    assert any(looking.find(text) for text in join_arguments(["token", "8fK2x", "Q9z77aLmN"]))


def test_a_credential_that_is_refused_twice_is_noted_once():
    looking = looking_for("12345")
    looking.add(Secret(label="param token0", value="12345"))

    assert looking.not_searched == ("param token0: shorter than 6 characters",)

from __future__ import annotations

import base64
import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply.credentials import Credentials
from panoply.errors import CredentialsError

KEY = "acme/rand-one"
PARTS = ("rand-two", "2f1a7c1e-uuid", "123456789012", "us-east-1")


def encoded(*parts: str) -> str:
    return base64.b64encode("/".join(parts).encode()).decode()


SECRET = encoded(*PARTS)


def refused(key, secret) -> str:
    with pytest.raises(CredentialsError) as caught:
        Credentials.parse(key, secret)
    return str(caught.value)


def test_key_and_secret_name_the_queue():
    assert Credentials.parse(KEY, SECRET).queue_url == (
        "https://sqs.us-east-1.amazonaws.com/123456789012/sdk-acme-rand-two"
    )


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        (KEY.encode(), SECRET.encode()),
        (f" {KEY}\n", f"\t{SECRET}\r\n"),
        (KEY, SECRET.rstrip("=")),
    ],
    ids=["bytes", "surrounding whitespace", "padding cut off"],
)
def test_harmless_variations_are_accepted(key, secret):
    assert Credentials.parse(key, secret).queue_url == Credentials.parse(KEY, SECRET).queue_url


def test_key_and_secret_are_kept_to_travel_with_each_message():
    parsed = Credentials.parse(f" {KEY} ", SECRET.encode())
    assert (parsed.apikey, parsed.apisecret) == (KEY, SECRET)


def test_the_aws_account_need_not_be_a_number():
    assert "/made_up/" in Credentials.parse(KEY, encoded("r2", "u", "made_up", "eu-west-1")).queue_url


def test_repr_and_copies_show_nothing_secret():
    parsed = Credentials.parse(KEY, SECRET)
    for one in (parsed, copy.copy(parsed), pickle.loads(pickle.dumps(parsed))):
        assert one == parsed
        for secret in ("rand-one", SECRET, *PARTS):
            assert secret not in repr(one)
        assert "acme" in repr(one)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "apikey is empty"),
        ("  \n", "apikey is empty"),
        ("acme", "2 parts with '/' between them, but it has 1 (RAND1 missing)"),
        ("acme/x/y", "but it has 3"),
        ("/x", "ACCOUNT is empty"),
        ("acme/", "RAND1 is empty"),
        ("ac.me/x", "ACCOUNT holds something else than letters, digits, '_' and '-'"),
        ("acme/r\n1", "RAND1 holds something else than printable"),
        ("acme/räuber", "RAND1 holds something else than printable"),
        (None, "apikey has to be text (or bytes), not NoneType"),
        (7, "apikey has to be text (or bytes), not int"),
        (b"\xff\xfe", "apikey is not text"),
    ],
)
def test_a_bad_key_is_refused_with_the_part_that_is_wrong(key, said):
    assert said in refused(key, SECRET)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "apisecret is empty"),
        (None, "apisecret has to be text (or bytes), not NoneType"),
        ("!!not base64!!", "it is not base64"),
        ("schlüssel", "it is not base64"),
        ("AAAAA", "it is not base64"),
        (base64.b64encode(b"\xff\xfe/x/y/z").decode(), "what it decodes to is not text"),
        (encoded("r2", "u", "1"), "4 parts with '/' between them, but what it decodes to has 3 (REGION missing)"),
        (encoded("r2"), "has 1 (UUID, AWSACCOUNT, REGION missing)"),
        (encoded("r2", "u", "1", "us-east-1", "x"), "has 5."),
        (encoded("", "u", "1", "us-east-1"), "RAND2 is empty"),
        (encoded("r2", "", "1", "us-east-1"), "UUID is empty"),
        (encoded("r2", "u", "", "us-east-1"), "AWSACCOUNT is empty"),
        (encoded("r2", "u", "1", ""), "REGION is empty"),
        (encoded("r2?x=", "u", "1", "us-east-1"), "RAND2 holds something else"),
        (encoded("r2", "u\x00", "1", "us-east-1"), "UUID holds something else"),
        (encoded("r2", "u", "1#", "us-east-1"), "AWSACCOUNT holds something else"),
        (encoded("r2", "u", "1", "evil.example"), "REGION holds something else"),
        (encoded("r2", "u", "1", "us-east-1\n"), "REGION holds something else"),
        (encoded("r2", "u", "1", "-"), "REGION holds something else"),
    ],
)
def test_a_bad_secret_is_refused_with_the_part_that_is_wrong(secret, said):
    assert said in refused(KEY, secret)


def test_swapped_key_and_secret_are_recognized():
    assert "were the two swapped?" in refused(SECRET, KEY)
    assert "swapped" not in refused("acme", SECRET)


@given(key=st.text() | st.binary(), secret=st.text() | st.binary())
def test_no_refusal_shows_any_of_the_values_even_in_its_traceback(key, secret):
    marked = ("Q9Z9Q" + key if isinstance(key, str) else b"Q9Z9Q" + key), secret
    for pair in (marked, marked[::-1], (KEY, marked[0]), (marked[0], encoded("Q9Z9Q", "u", "1"))):
        try:
            Credentials.parse(*pair)
        except CredentialsError as exc:
            text = "".join(traceback.format_exception(exc))
            assert "Q9Z9Q" not in text


@given(st.lists(st.text(min_size=1), min_size=4, max_size=4))
def test_whatever_the_secret_holds_the_host_stays_amazons(parts):
    try:
        url = Credentials.parse(KEY, encoded(*(part.encode(errors="replace").decode() for part in parts))).queue_url
    except CredentialsError:
        return
    host, account, queue = url.removeprefix("https://").split("/")
    assert host.startswith("sqs.")
    assert host.endswith(".amazonaws.com")
    assert host.count(".") == 3
    assert account
    assert queue.startswith("sdk-acme-")

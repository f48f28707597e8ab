"""`panoply.masking`: no credential gets through, in whatever encoding; and nothing else is touched."""

from __future__ import annotations

import base64
import copy
import html
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, quote_plus

import pytest
from encoders import ENCODERS, names, neighbours, values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from panoply._matching import Matcher
from panoply.config import names_a_credential
from panoply.masking import STARS, Mask, credentials
from panoply_testing.secrets import Credentials, Secret

AWKWARD = "p\u00e4/s \"w\u00f6rd'+%\\&x"

ENCODINGS = {
    "as it is": lambda v: v,
    "percent": lambda v: quote(v, safe=""),
    "percent, slashes kept": quote,
    "percent, lower case": lambda v: "".join(p.lower() if p.startswith("%") else p for p in _pieces(quote(v, safe=""))),
    "form": quote_plus,
    "percent twice": lambda v: quote(quote(v, safe=""), safe=""),
    "percent, as a browser does it": lambda v: quote(v, safe="!'()*~"),
    "json": lambda v: json.dumps(v)[1:-1],
    "json, not only ascii": lambda v: json.dumps(v, ensure_ascii=False)[1:-1],
    "json, slashes escaped": lambda v: json.dumps(v)[1:-1].replace("/", "\\/"),
    "json in json": lambda v: json.dumps(json.dumps(v))[3:-3],
    "repr": lambda v: repr(v)[1:-1],
    "repr of a repr": lambda v: repr([repr(v)]),
    "ascii": lambda v: ascii(v)[1:-1],
    "repr of bytes": lambda v: repr(v.encode())[2:-1],
    "html": html.escape,
    "html, quotes kept": lambda v: html.escape(v, quote=False),
    "hex": lambda v: v.encode().hex(),
    "HEX": lambda v: v.encode().hex().upper(),
    "base64": lambda v: base64.b64encode(v.encode()).decode(),
    "base64, urlsafe": lambda v: base64.urlsafe_b64encode(v.encode()).decode(),
    "base64, without padding": lambda v: base64.b64encode(v.encode()).decode().rstrip("="),
    "base64, percent": lambda v: quote(base64.b64encode(v.encode()).decode(), safe=""),
}


def _pieces(text):
    return [text[i : i + 3] if text[i] == "%" else text[i] for i in _starts(text)]


def _starts(text):
    i = 0
    while i < len(text):
        yield i
        i += 3 if text[i] == "%" else 1


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_value_is_hidden_in_each_encoding(name):
    encoded = ENCODINGS[name](AWKWARD)

    masked = Mask([AWKWARD]).apply(f"<{encoded}>")

    assert encoded not in masked
    assert "***" in masked
    assert "rd" not in masked


secrets = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Zs")), min_size=6, max_size=40)


@given(secret=secrets, name=st.sampled_from(sorted(ENCODINGS)), before=st.sampled_from(["", "key=", "\\", "%"]))
@example(secret="000000", name="base64", before="")
def test_any_value_is_hidden_in_any_encoding(secret, name, before):
    encoded = ENCODINGS[name](secret)

    masked = Mask([secret]).apply(f"{before}{encoded} and {encoded}!")

    assert encoded not in masked.replace("***", "\n")


@given(secret=secrets, user=st.text(max_size=5), after=st.text(max_size=4))
def test_a_value_is_hidden_in_the_base64_of_a_longer_string(secret, user, after):
    whole = base64.b64encode(f"{user}:{secret}{after}".encode()).decode()

    masked = Mask([secret]).apply(f"Authorization: Basic {whole}")

    # What is left is no longer than what was around the value, and at most two characters on each side that it shares.
    rest = masked.removeprefix("Authorization: Basic ").replace("***", "").rstrip("=")
    assert "***" in masked
    assert len(rest) <= len(base64.b64encode(f"{user}:".encode())) + len(base64.b64encode(after.encode())) + 4


@given(st.text())
def test_a_text_without_the_value_stays_as_it_is(text):
    mask = Mask(["\U0001f511 no such text \U0001f511"])

    assert mask.apply(text) == text


@settings(deadline=None)
@given(
    several=st.lists(values, min_size=1, max_size=3),
    inner=names,
    outer=names,
    around=st.tuples(neighbours, neighbours, neighbours),
    share=st.sampled_from([1.0, 0.85, 0.6]),
)
@example(several=["8fK2xQ9z77aLmN"], inner="as it is", outer="as it is", around=("", "8fK2x", ""), share=1.0)
@example(several=["***8fK2"], inner="as it is", outer="as it is", around=("***8fK2", "8fK2", ""), share=1.0)
def test_nothing_is_left_that_the_test_kit_would_report(several, inner, outer, around, share):
    before, between, after = around
    text = before + ENCODERS[outer](between.join(value[: -int(-len(value) * share)] for value in several)) + after
    text += ENCODERS[outer](before + ENCODERS[inner](after.join(several)) + between)
    kit = Credentials(Secret(label=f"param {number}", value=value) for number, value in enumerate(several))

    masked = Mask(several).apply(text)

    assert kit.find(masked) == ()
    assert STARS in masked


def test_the_beginning_of_a_value_is_hidden_as_the_test_kit_counts_it():
    mask = Mask(["8fK2xQ9z77aLmN3pR5"])

    assert mask.apply("token 8fK2xQ9z77aL...") == "token ***..."
    assert mask.apply("token 8fK2xQ9z...") == "token 8fK2xQ9z..."


def test_a_plain_word_that_is_known_to_be_secret_is_hidden_as_a_whole():
    mask = Mask(["sunshine", "password"])

    assert mask.apply("sunshine, sunshin, c3Vuc2hpbmU= and password") == "***, sunshin, *** and ***"


def test_what_is_left_of_a_text_is_masked_again_where_it_is_a_value_then():
    assert Mask(["8fK2xQ", "***zQ7"]).apply("8fK2xQzQ7") == "***"


def test_nothing_is_made_ready_before_there_is_a_text(monkeypatch):
    def made(*_, **__):
        raise AssertionError

    monkeypatch.setattr("panoply._matching.Matcher.__init__", made)
    mask = Mask(["token-12345"])
    mask.add(["token-67890"])

    with pytest.raises(AssertionError):
        mask.apply("text")


def test_values_that_several_threads_add_are_all_hidden():
    mask = Mask()
    added = [f"8fK2xQ{number:04}" for number in range(60)]

    def add(some):
        for value in some:
            mask.add([value])
            assert mask.apply(value) == STARS

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, (added[start::4] for start in range(4))))

    assert mask.apply(" ".join(added)) == " ".join([STARS] * len(added))


def test_values_that_come_one_by_one_are_made_ready_a_few_times_each(monkeypatch):
    made = []
    matcher = Matcher.__init__

    def counted(self, values, **rest):
        made.append(len(values))
        matcher(self, values, **rest)

    monkeypatch.setattr(Matcher, "__init__", counted)
    mask = Mask()
    for number in range(31):
        mask.add([f"8fK2xQ{number:04}"])
        assert mask.apply(f"8fK2xQ{number:04} 8fK2xQ0000") == "*** ***"
    assert [found.value for found in mask.find("8fK2xQ0030 8fK2xQ0007")] == ["8fK2xQ0030", "8fK2xQ0007"]

    assert sum(made) <= 32 * 6


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda mask: pickle.loads(pickle.dumps(mask))])
def test_a_mask_can_be_copied_also_after_it_was_used(duplicate):
    mask = Mask(["token-12345"])
    mask.apply("text")

    other = duplicate(mask)
    other.add(["token-67890"])

    assert other.apply("token-12345 token-67890") == "*** ***"
    assert mask.apply("token-67890") == "token-67890"


def test_a_mask_tells_whether_it_hides_anything_and_is_true_in_any_case():
    assert Mask(["short"]).is_empty
    assert not Mask(["token-12345"]).is_empty
    assert Mask()


@pytest.mark.parametrize("text", ["\ud83d token-12345 \udd11", "\U0001f511token-12345\u00e9"])
def test_places_are_told_in_characters_whatever_stands_before_them(text):
    (found,) = Mask(["token-12345"]).find(text)

    assert text[found.start : found.end] == found.value == "token-12345"
    assert Mask(["token-12345"]).apply(text) == text.replace("token-12345", STARS)


def test_what_is_around_a_value_stays():
    assert Mask(["hunter2hunter2"]).apply("login hunter2hunter2 failed") == "login *** failed"


def test_values_of_under_6_characters_are_left_alone():
    assert Mask(["hunte", "", " a b  "]).apply("hunte a b") == "hunte a b"


def test_where_one_value_is_part_of_another_nothing_is_left_of_the_longer_one():
    mask = Mask(["abcdef", "abcdefghijkl", "xyabcd"])

    assert mask.apply("1 abcdefghijkl 2 abcdef 3 xyabcdefghijkl 4") == "1 *** 2 *** 3 *** 4"


def test_a_value_in_the_middle_of_another_one_brings_its_end_not_back():
    assert Mask(["abcdefghijkl", "cdefgh"]).apply("<abcdefghijkl>") == "<***>"


def test_adjacent_values_are_hidden_each():
    assert "secret" not in Mask(["secret1", "secret2"]).apply("secret1secret2secret1")


PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQC7\nabc=\n-----END KEY-----\n"


@pytest.mark.parametrize(
    "written",
    [
        PEM,
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", "\\n"),
        PEM.replace("\n", ""),
        PEM.replace("\n", " "),
        repr(PEM),
        json.dumps({"key": PEM}),
        quote(PEM),
        "MIIEvQIBADANBgkqhkiG9w0BAQ",
        "EFAASCBKcwggSjAgEAAoIBAQC7",
    ],
)
def test_a_key_of_several_lines_is_hidden_whole_and_line_by_line(written):
    masked = Mask([PEM]).apply(f"key: {written}")

    assert "MIIEvQ" not in masked
    assert "EFAASC" not in masked


@pytest.mark.parametrize("line", ["battery", "staple/4", "staple%2F4", "staple\\/4", "a+/b=c", "a%2B%2Fb%3Dc"])
def test_a_line_is_hidden_however_plain_it_is(line):
    assert Mask(["correct horse\nbattery\nstaple/4\na+/b=c"]).apply(f"<{line}>") == "<***>"


def test_the_header_of_a_key_alone_is_not_hidden():
    assert Mask([PEM]).apply("expected -----BEGIN KEY-----") == "expected -----BEGIN KEY-----"


def test_values_can_be_added_on_the_way():
    mask = Mask()
    assert mask.apply("token-12345") == "token-12345"

    mask.add(["token-12345"])

    assert mask.apply("token-12345") == "***"


def test_the_repr_of_a_mask_shows_no_value():
    assert "hunter2" not in repr(Mask(["hunter2hunter2"]))


def test_credentials_are_found_at_any_depth():
    params = {
        "host": "db.example.com",
        "password": "pass-word",
        "oauth": {
            "shop": "acme-outdoor",
            "scope": "orders",
            "access_token": "tok-1",
            "extra": ["tok-2", {"x": 12345678, "y": True, "z": None}],
        },
        "ssh": {"user": "joe", "private_key": b"key-3"},
        "list": [{"api_key": "key-4"}],
    }

    found = credentials(params, names_a_credential)

    assert found == {"pass-word", "tok-1", "tok-2", "12345678", "key-3", "key-4"}


@pytest.mark.parametrize(
    ("value", "password"),
    [
        ("postgres://joe:s3cr3t-1@db/x", "s3cr3t-1"),
        ("mysql://joe:s3cr3t%2F1@db/x", "s3cr3t/1"),
        ("host=db user=joe password=s3cr3t-1 dbname=x", "s3cr3t-1"),
        ("Server=db;Pwd=s3cr3t-1;", "s3cr3t-1"),
        ("host=db password='s3 cr3t'", "s3 cr3t"),
    ],
)
def test_a_password_inside_a_url_or_a_dsn_is_a_credential_whatever_the_param_is_called(value, password):
    assert password in credentials({"address": value}, lambda _: False)


def test_params_that_hold_themselves_are_no_trouble():
    params: dict = {"token": "token-1"}
    params["self"] = params

    assert credentials(params, names_a_credential) == {"token-1"}

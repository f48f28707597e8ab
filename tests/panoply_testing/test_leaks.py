"""What is found of a credential in a text, whatever two encodings have made of it; and that nothing is found by chance."""

from __future__ import annotations

import base64
import html
import json
import random
import string
from urllib.parse import quote

import pytest
from encoders import ENCODERS, names, neighbours, values
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from benchmarks.leaks import KINDS, texts
from panoply._chance import ENOUGH, surprise
from panoply_testing.secrets import Credentials, Secret


def looking_for(*secrets):
    return Credentials(Secret(label=f"param {number}", value=value) for number, value in enumerate(secrets))


@settings(deadline=None)  # the first of its kind takes longest, and the machine may be busy
@given(value=values, inner=names, outer=names, around=st.tuples(*[neighbours] * 6))
@example(value="000000", inner="base64", outer="base64", around=("", "a", "", "", "", ""))
@example(value="\"'\"'\"'", inner="repr", outer="repr", around=("", "", "", "", "", ""))
@example(value="a+/b-_c", inner="base64", outer="percent, every byte", around=("", "ab", "A", "A", "%", "A"))
@example(value="ab cd%41", inner="percent, as a form", outer="html, HEX", around=("%", "%4", "", "", "", ""))
@example(value="line one\n line two", inner="json", outer="json, every character", around=("",) * 6)
def test_any_value_is_found_and_masked_in_any_two_encodings_among_any_neighbours(value, inner, outer, around):
    looking = looking_for(value)
    assume(looking.secrets)
    first, second, third, fourth, fifth, sixth = around
    text = first + ENCODERS[outer](second + ENCODERS[inner](third + value + fourth) + fifth) + sixth

    found = looking.find(text)
    masked = looking.mask(text)

    assert found
    assert "***" in masked
    if len(set(value)) > 4:  # else what a mask shows, and a neighbour, may be the value once more
        assert looking.find(masked) == ()
        assert not any(looking.find(each.excerpt) for each in found)


@settings(deadline=None)
@given(value=values, inner=names, outer=names)
def test_a_value_by_itself_leaves_only_its_first_and_last_two_characters(value, inner, outer):
    looking = looking_for(value)
    assume(looking.secrets)

    masked = looking.mask("\n" + ENCODERS[outer](ENCODERS[inner](value)) + "\n")

    # What encoders put around it, quotes and the like, which further encoders turn into more.
    _, _, rest = masked.partition("***")
    before = masked.partition("***")[0]
    frame = ENCODERS[outer](ENCODERS[inner]("")), len(ENCODERS[outer]("['']"))
    assert len(before) + len(rest) <= 2 + 4 + 2 * max(len(frame[0]), frame[1]) + 24


tokens = st.text(string.ascii_letters + string.digits, min_size=20, max_size=60)
BEGINNINGS = sorted(set(ENCODERS) - {"as it is"})


@settings(deadline=None)
@given(token=tokens, inner=names, outer=names, after=st.sampled_from(["", "...", " and so on"]))
def test_a_prefix_of_60_percent_is_found_in_any_two_encodings(token, inner, outer, after):
    cut = token[: -(-len(token) * 6 // 10)]
    # One that could be an ordinary word or number is no sign of anything.
    assume(surprise(cut) > ENOUGH + 8)
    looking = looking_for(token)
    text = "token: " + ENCODERS[outer](ENCODERS[inner](cut + after))

    found = looking.find(text)

    assert found
    assert found[0].encoding.startswith("the first ")
    assert looking.find(looking.mask(text)) == ()


@settings(deadline=None)
@given(token=tokens, outer=names)
def test_a_prefix_of_half_a_value_is_none(token, outer):
    assume(len(set(token[:12])) > 6)

    assert looking_for(token).find(ENCODERS[outer](token[: len(token) // 2] + ".")) == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("production-2", "production-1"),
        ("customer-0012-a", "customer-0013"),
        ("sk_live_abcdef1234567", "sk_live_"),
        ("ghp_16C7e42F292c69", "ghp_16C7"),
        ("Bearer 8fK2xQ9z77", "Authorization: Bearer "),
        ("https://hooks.acme.test/services/8fK2xQ9z77", "POST https://hooks.acme.test/services/"),
        ("https://hooks.acme.test/8fK2xQ9z77", "POST https://hooks.acme.test/orders"),
        ("postgres://joe:8fK2xQ9z77@database.acme.test:5432/orders", "postgres://joe:***"),
        (
            "Server=db.acme.test;Database=orders;Uid=joe;Pwd=8fK2xQ9z77",
            "Server=db.acme.test;Database=orders;Uid=joe;Pwd=***",
        ),
        ("host=db.acme.test user=joe password=8fK2xQ9z77", "host=db.acme.test user=joe password="),
        ("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w\n-----END KEY-----", "-----BEGIN KEY-----\n"),
        ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIx.8fK2xQ9z77a", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ"),
        ('{\n "type": "service_account",\n "id": "8fK2"\n}', '{\n "type": "service_account",'),
    ],
)
def test_a_beginning_that_says_nothing_is_no_leak(value, text):
    looking = looking_for(value)

    assert looking.find(text) == ()
    assert looking.find(f"{text} {value}")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_found_by_chance_in_text_of_other_origin(kind):
    chance = random.Random(7)
    alphabets = (
        string.ascii_letters + string.digits,
        string.ascii_lowercase,
        string.printable[:94],
        "0123456789abcdef",
    )
    secrets = ["".join(chance.choice(each) for _ in range(size)) for each in alphabets for size in (8, 10, 16, 40)]
    secrets += ["".join(chance.choice(string.ascii_letters) for _ in range(6)) for _ in range(4)]
    looking = looking_for(*secrets, "production-orders-2", "customer-00012345", "a page of orders")
    text = "\n".join(texts(kind, 2))

    assert looking.find(text) == ()
    assert looking.mask(text) is text


def test_a_word_that_a_text_is_full_of_is_found_out_soon_to_be_another():
    looking = looking_for("customer-8fK2xQ9z77")

    assert looking.find("customer-1 %2F \\n customer-8f " * 1000) == ()


PEM = (
    "-----BEGIN PRIVATE KEY-----\n"
    + base64.encodebytes(random.Random(3).randbytes(300)).decode()
    + "-----END PRIVATE KEY-----\n"
)
BODY = PEM.splitlines()[1:-1]


@pytest.mark.parametrize(
    "written",
    [
        PEM,
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", ""),
        PEM.replace("\n", " "),
        PEM.replace("\n", "\\n"),
        json.dumps({"key": PEM}),
        json.dumps(json.dumps({"key": PEM})),
        quote(PEM),
        quote(quote(PEM)),
        html.escape(repr(PEM)),
        base64.b64encode(PEM.encode()).decode(),
        base64.b64encode(PEM.replace("\n", "").encode()).decode(),
        base64.b64encode(PEM.replace("\n", "\r\n").encode()).decode(),
        base64.encodebytes(b"user:" + PEM.encode()).decode(),
        quote(base64.b64encode(PEM.encode()).decode(), safe=""),
        PEM.encode().hex(),
        PEM.encode().hex(":"),
        "ValueError: " + PEM.replace("\n", "\nE       "),
        "\x1b[31mE   " + PEM.replace("\n", "\x1b[0m\n\x1b[1m\x1b[31mE       ") + "\x1b[0m",
        PEM.replace("\n", "\n  | "),
        "\n".join(BODY),
        "".join(BODY),
    ],
)
@pytest.mark.parametrize("value", [PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", "\r\n"), PEM.replace("\n", " ")])
def test_a_key_is_found_whatever_became_of_its_line_breaks(written, value):
    looking = looking_for(value)
    shown = [looking.mask(f"key: {written}"), *(found.excerpt for found in looking.find(f"key: {written}"))]

    assert len(shown) > 1
    if "BEGIN" in written:
        assert "BEGIN" not in shown[0]
        assert "END" not in shown[0]
    assert not any(line[4:20] in each for each in shown for line in BODY)
    assert all(len(each) < 300 for each in shown)


def test_of_a_key_60_percent_of_what_is_between_header_and_footer_count():
    body = "".join(BODY)
    looking = looking_for(PEM)

    assert looking.find(body[: len(body) * 6 // 10 + 1])[0].encoding == "the first 60 % of it"
    # The header is as long as a third of this, but says nothing.
    assert all(found.encoding == "one of its lines" for found in looking.find(PEM[: len(PEM) // 2]))
    assert looking.find(PEM[:40]) == ()


def test_a_long_line_of_a_key_counts_by_itself_and_is_no_more_than_that_within_the_key():
    looking = looking_for(PEM)

    assert [found.encoding for found in looking.find(f"read {BODY[2]}")] == ["one of its lines"]
    assert next(iter(looking.find(quote(BODY[2], safe="")))).encoding.startswith("one of its lines")
    assert [found.encoding for found in looking.find(PEM)] == ["as is"]


VALUE = "abc/def+12 34=xyz"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (json.dumps("a\\b\"c'd-8fK2xQ9z"), "escaped with backslashes"),
        (html.escape("a\\b\"c'd-8fK2xQ9z"), "as HTML entities"),
        (base64.b64encode(b"user:a\\b\"c'd-8fK2xQ9z").decode(), "in base64"),
        (base64.b64encode(base64.b64encode(b"a\\b\"c'd-8fK2xQ9z")).decode(), "in base64 twice"),
        (base64.b64encode(b"a\\b\"c'd-8fK2xQ9z").hex(), "in base64, in hex"),
        (base64.b64encode(quote("a\\b\"c'd-8fK2xQ9z").encode()).decode(), "percent-encoded, in base64"),
        (quote(json.dumps("a\\b\"c'd-8fK2xQ9z")), "escaped with backslashes, percent-encoded"),
        ("a\\b\"c'd-8fK2x", "the first 81 % of it"),
        (b"a\\b\"c'd-8fK2x".hex(), "the first 81 % of it, in hex"),
        (b"a\\b\"c'd-8fK2xQ9z".hex(":"), "in hex"),
    ],
)
def test_the_encoding_is_told_in_words(text, encoding):
    (found,) = looking_for("a\\b\"c'd-8fK2xQ9z").find(f"<{text}>")

    assert found.encoding == encoding


def test_base64_that_is_percent_encoded_is_told_as_such():
    value = "8fK2xQ9z??>>8fK2xQ"
    encoded = quote(base64.b64encode(value.encode()).decode(), safe="")
    assert "%2" in encoded

    (found,) = looking_for(value).find(f"<{encoded}>")

    assert (found.encoding, found.excerpt) == ("in base64, percent-encoded", "<8f***xQ>")


def test_one_credential_that_begins_as_another_is_not_taken_for_it():
    looking = looking_for("8fK2xQ9z77-shared-part-one", "8fK2xQ9z77-shared-part-two")

    assert [found.secret for found in looking.find("x 8fK2xQ9z77-shared-part-two x")] == ["param 1"]


def test_all_places_are_masked_also_where_they_overlap():
    looking = looking_for("abcabcabc", "ca-8fK2xQ9z")

    assert looking.mask("<abcabcabcabca-8fK2xQ9z> <abcabcabc>") == "<ab***bc> <ab***bc>"


@settings(deadline=None)
@given(before=st.text(max_size=60), after=st.text(max_size=60), cut=st.integers(0, 45))
def test_an_excerpt_never_shows_a_neighbour_that_its_edge_cuts(before, after, cut):
    first, second = "8fK2xQ9z77aLmN3pR5", "Zq4Wv6Ty8Ub0Xs2Dc1"
    looking = looking_for(first, second)
    text = f"{before}{second}{' ' * cut}{first}{'.' * cut}{base64.b64encode(second.encode()).decode()}{after}"

    excerpts = [found.excerpt for found in looking.find(text)]

    assert len(excerpts) >= 3
    pieces = {one[place : place + 5] for one in (first, second) for place in range(len(one) - 4)}
    pieces.add(base64.b64encode(second.encode()).decode()[2:-4])
    assert not [piece for piece in pieces for each in excerpts if piece in each]


def test_a_secret_that_comes_later_is_looked_for_from_then_on():
    looking = looking_for("8fK2xQ9z77aLmN3pR5")
    assert looking.find("Zq4Wv6Ty8Ub0Xs2Dc1") == ()

    looking.add(Secret(label="source-change.token", value="Zq4Wv6Ty8Ub0Xs2Dc1"))

    assert [found.secret for found in looking.find("Zq4Wv6Ty8Ub0Xs2Dc1")] == ["source-change.token"]
    assert looking.find("8fK2xQ9z77aLmN3pR5")


@pytest.mark.parametrize("around", [b"x%sz", b"xy%sz", b"xyz%sz", b"x%sz, to the end"])
@pytest.mark.parametrize("other", [b"Qb8fK2", b"\xc1b8fK2", b"Ab8fK3", b"Ab8fKr"])
def test_base64_of_a_text_that_differs_in_a_few_bits_is_not_that_of_the_value(around, other):
    looking = looking_for("Ab8fK2")

    assert looking.find(base64.b64encode(around % b"Ab8fK2").decode())
    assert looking.find(base64.b64encode(around % other).decode()) == ()


@settings(deadline=None)
@given(
    value=st.text(string.ascii_letters + string.digits, min_size=24, max_size=60),
    before=st.binary(max_size=90),
    after=st.binary(max_size=60),
    width=st.sampled_from([64, 76]),
    end=st.sampled_from(["\n", "\r\n", "\\n", "\n    "]),
)
def test_base64_in_lines_is_found_wherever_a_line_ends(value, before, after, width, end):
    assume(len(set(value)) > 8)
    looking = looking_for(value)
    encoded = base64.b64encode(before + value.encode() + after).decode()
    text = end.join(encoded[start : start + width] for start in range(0, len(encoded), width))

    found = looking.find(text)

    assert found
    assert found[0].encoding.startswith("in base64")
    assert looking.find(looking.mask(text)) == ()


@pytest.mark.parametrize("offset", [b"", b"x", b"xy"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_both_alphabets_of_base64_are_known_also_where_it_is_encoded_again(offset, encode):
    value = "?>~?>~?>~?>~"
    encoded = encode(offset + value.encode())
    assert len({*encoded.decode()} & {*"+/-_"}) > 0

    assert looking_for(value).find(encoded.hex())
    assert looking_for(value).find(encode(encoded).decode())

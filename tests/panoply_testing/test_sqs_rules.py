"""What the fake SQS refuses is what SQS refuses: pure rules, each at its boundary."""

from __future__ import annotations

import base64

import pytest

from panoply_testing._sqs_rules import misplaced, queue_of, refused, size
from panoply_testing._sqs_wire import Attribute, SendMessage

LIMIT = 1024


def text(name="key", kind="String", value="v"):
    return Attribute(name=name, type=kind, value=value)


def refusal(body="x", *attributes, limit=LIMIT):
    return refused(SendMessage(queue_url="", body=body, attributes=attributes), limit=limit)


def told(*attributes):
    found = refusal("x", *attributes)
    assert found is None or (found.status, found.code) == (400, "InvalidParameterValue")
    return "" if found is None else found.message


ALLOWED = ["\t", "\n", "\r", " ", "\ud7ff", "\ue000", "\ufffd", "\U00010000", "\U0010ffff", "\x7f", "\x85", "\u2028"]
NOT_ALLOWED = ["\0", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\ud800", "\udfff", "\ufffe", "\uffff"]


@pytest.mark.parametrize("character", ALLOWED, ids=ascii)
def test_a_body_may_hold_the_characters_of_xml(character):
    assert refusal(f"a{character}b") is None
    assert told(text(value=f"a{character}b")) == ""


@pytest.mark.parametrize("character", NOT_ALLOWED, ids=ascii)
def test_a_body_with_another_character_is_refused_wherever_it_stands(character):
    for body in (f"{character}b", f"a{character}", character):
        found = refusal(body)
        assert (found.status, found.code) == (400, "InvalidMessageContents")
    assert told(text(value=f"a{character}b")).startswith("Invalid characters found.")


@pytest.mark.parametrize("body", [None, ""])
def test_a_message_without_a_body_is_refused(body):
    found = refusal(body)
    assert (found.status, found.code) == (400, "MissingParameter")
    assert found.message == "The request must contain the parameter MessageBody."


def test_the_limit_counts_bytes_and_the_attributes_names_types_and_values():
    attribute = text("kay", "String", "é")
    used = len("kay") + len("String") + 2
    assert size("é", {"kay": attribute}) == used + 2
    assert refusal("é" * ((LIMIT - used) // 2), attribute) is None
    found = refusal("é" * ((LIMIT - used) // 2) + "xx", attribute)
    assert (found.status, found.code) == (400, "InvalidParameterValue")
    assert found.message == "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
    assert refusal("x" * LIMIT) is None
    assert refusal("x" * (LIMIT + 1)) is not None


def test_a_binary_value_counts_as_the_bytes_that_it_stands_for():
    binary = text("b", "Binary.gif", base64.b64encode(b"\x00\x01\x02").decode())
    assert refusal("x", binary) is None
    assert size("x", {"b": binary}) == 1 + len("b" + "Binary.gif") + 3


def test_ten_attributes_pass_and_eleven_do_not():
    ten = [text(f"a{number}") for number in range(10)]
    assert told(*ten) == ""
    assert told(*ten, text("more")) == "Number of message attributes [11] exceeds the allowed maximum [10]."


@pytest.mark.parametrize("name", ["key", "A-Z_a.b-9", "x" * 256, "awsome", "amazonas.x"])
def test_a_name_of_letters_digits_and_some_signs_passes(name):
    assert told(text(name)) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "non-empty message attribute name"),
        ("x" * 257, "shorter than 256"),
        ("a b", "can only contain"),
        ("a\n", "can only contain"),
        ("ä", "can only contain"),
        ("a/b", "can only contain"),
        ("AWS.x", "reserved"),
        ("aMaZon.x", "reserved"),
        (".a", "start or end with '.'"),
        ("a.", "start or end with '.'"),
        ("a..b", "successive"),
    ],
)
def test_a_name_that_sqs_does_not_take_is_refused(name, words):
    assert words in told(text(name))


def test_a_name_that_is_given_twice_is_refused():
    assert "must be unique" in told(text("a"), text("a", value="other"))


@pytest.mark.parametrize(
    ("attribute", "words"),
    [
        (text(kind=""), "must contain non-empty message attribute type"),
        (text(kind="string"), "is invalid. You must use only the following supported type prefixes"),
        (text(kind="Strings"), "supported type prefixes"),
        (text(kind="String.\x01"), "supported type prefixes"),
        (text(kind="String." + "x" * 250), "types must be shorter than 256"),
        (text(value=""), "Message (user) attribute 'key' must contain a non-empty value of type 'String'."),
        (text(kind="Binary", value="%"), "non-empty value of type 'Binary'"),
        (text(kind="Number", value="Hello"), "Can't cast the value of message (user) attribute 'key' to a number."),
    ],
)
def test_a_type_or_value_that_sqs_does_not_take_is_refused(attribute, words):
    assert words in told(attribute)


@pytest.mark.parametrize("value", ["1", "-1.5", "+.5", "1.", "1e5", "1E-5"])
def test_a_number_is_a_decimal_one(value):
    assert told(text(kind="Number.int", value=value)) == ""


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://sqs.us-east-1.amazonaws.com/123/name", ("123", "name")),
        ("http://127.0.0.1:1/123/name", ("123", "name")),
        ("/123/name", ("123", "name")),
        ("name", ("", "name")),
        ("/", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_queue_is_named_by_the_end_of_its_url(url, place):
    assert queue_of(url) == place


@pytest.mark.parametrize(
    "url",
    [
        "https://sqs.us-east-1.amazonaws.com/123/name",
        "https://queue.amazonaws.com/123/name",
        "https://us-east-1.queue.amazonaws.com/123/name",
        "http://localhost:9/123/name",
        "name",
    ],
)
def test_a_queue_of_this_account_and_region_is_in_its_place(url):
    assert misplaced(url, account="123", region="us-east-1") is None


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/123/name", "InvalidAddress"),
        ("https://eu-west-1.queue.amazonaws.com/123/name", "InvalidAddress"),
        ("https://sqs.us-east-1.amazonaws.com/124/name", "QueueDoesNotExist"),
        ("/124/name", "QueueDoesNotExist"),
    ],
)
def test_a_queue_of_another_account_or_region_is_not(url, code):
    assert misplaced(url, account="123", region="us-east-1").code == code

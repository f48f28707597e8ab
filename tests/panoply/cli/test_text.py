"""Text from elsewhere, made fit for a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply.cli._text import in_one_line, listed, plain, unstyled


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Get it **[here](https://a.io/keys)**, see `docs`.", "Get it here (https://a.io/keys), see docs."),
        ("# Title\n\n- a\n- *b*\n\n1. c\n\n> d", "Title a b c d"),
        ("<https://a.io> and <ada@a.io>", "https://a.io and ada@a.io"),
        ("[](https://a.io) ![a picture](x.png)", "https://a.io a picture"),
        ("one<br>two <b>three</b>\nfour", "one two three four"),
        ("a_b_c * 2 \\* &amp; [no link]", "a_b_c * 2 * & [no link]"),
        ("    code\n\n```\nmore\n```", "code more"),
        ('[**bold** `x`](https://a.io "title")', "bold x (https://a.io)"),
        ("", ""),
    ],
)
def test_markdown_is_shown_as_text(markdown, text):
    assert plain(markdown) == text


@given(st.text())
def test_no_text_does_anything_to_a_terminal(text):
    assert "\x1b" not in unstyled(text)
    assert in_one_line(text).isprintable() or not in_one_line(text).isascii()
    assert "\n" not in plain(text)
    plain(text).encode()


def test_what_is_too_long_is_counted():
    assert listed("abc", 3) == "a, b, c"
    assert listed("abcde", 3) == "a, b, c and 2 more"

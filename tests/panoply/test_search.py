"""Many short pieces are found in one pass, by the automaton and without it alike."""

from __future__ import annotations

import sys

import pytest
from encoders import ENCODERS, names, neighbours, values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from panoply._matching import Matcher
from panoply._search import plain_search, search_for

# Few letters, so that pieces overlap, begin alike and lie within each other.
texts = st.text("ab", max_size=40).map(str.encode)
pieces = st.lists(st.text("ab", min_size=1, max_size=7).map(str.encode), unique=True, max_size=8)


@pytest.mark.parametrize("search", [plain_search, search_for])
@given(pieces=pieces, text=texts)
@example(pieces=[b"a", b"aaaa", b"aaaaa"], text=b"aaaaaa")
def test_every_place_of_every_piece_is_found(search, pieces, text):
    expected = [
        (number, start)
        for start in range(len(text))
        for number, piece in enumerate(pieces)
        if text.startswith(piece, start)
    ]

    assert list(search(pieces)(text)) == expected


@settings(deadline=None)
@given(several=st.lists(values, min_size=1, max_size=2), inner=names, outer=names, before=neighbours, after=neighbours)
@example(several=["000<'\x7f"], inner="json, for a page", outer="HEX", before="", after="")
def test_credentials_are_found_alike_with_the_automaton_and_without_it(several, inner, outer, before, after):
    text = before + ENCODERS[outer](ENCODERS[inner](after.join([*several, before]))) + after
    data = text.encode()

    assert Matcher(several).places(data) == Matcher(several, search=plain_search).places(data) != []


def test_where_the_automaton_is_not_installed_it_is_done_without(monkeypatch):
    monkeypatch.setitem(sys.modules, "ahocorasick_rs", None)

    assert search_for([b"bcd", b"cdefg"])(b"abcdefgh") == [(0, 1), (1, 2)]

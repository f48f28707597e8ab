"""What may be met by chance, and what may not."""

from __future__ import annotations

import random
import string

import pytest

from panoply._chance import ENOUGH, public_beginning, surprise


@pytest.mark.parametrize(
    "word", ["production", "configuration", "Authorization", "orders", "customer-12", "aaaaaaaaaaaaaaa"]
)
def test_a_word_is_met_by_chance(word):
    assert surprise(word) < ENOUGH


@pytest.mark.parametrize("alphabet", [string.ascii_letters + string.digits, "0123456789abcdef", string.digits])
def test_what_is_random_is_not_from_a_dozen_characters_on_and_may_be_up_to_five(alphabet):
    chance = random.Random(5)
    pieces = ["".join(chance.choice(alphabet) for _ in range(12)) for _ in range(300)]

    assert sum(surprise(piece) >= ENOUGH for piece in pieces) > 290
    assert not any(surprise(piece[:5]) >= ENOUGH for piece in pieces)


@pytest.mark.parametrize(
    ("value", "public"),
    [
        ("sk_live_8fK2", "sk_live_"),
        ("ghp_8fK2", "ghp_"),
        ("Bearer 8fK2", "Bearer "),
        ("https://hooks.acme.test/T0/8fK2", "https://hooks.acme.test/"),
        ("postgres://joe:pw@db/x", "postgres://joe:"),
        ("https://token@acme.test/", "https://"),
        ("8fK2xQ9z", ""),
        ("sk_live_", ""),
    ],
)
def test_the_beginning_that_all_of_a_kind_have_is_public(value, public):
    assert value[: public_beginning(value)] == public

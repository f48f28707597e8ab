"""How likely a piece of text is to be met by chance: what a credential may not be told by.

Pure. `surprise` is an estimate in bits, made to be low rather than high: a word is worth little however long it is, the
beginning that every token of a vendor has is worth nothing.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

__all__ = ["ENOUGH", "EVERYDAY_WORDS", "is_plain", "public_beginning", "surprise"]

# Values that stand for themselves in any text. A credential that is one of them cannot be told from the word.
EVERYDAY_WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        """
        access account active apikey api_key bearer certificate changeme client client_credentials client_id
        credential credentials default disabled enabled example localhost oauth2 offline online options passphrase
        password private private_key public refresh refresh_token scheme secret service source string system test
        testing token unknown user username value version
        """,
    )
)

# Bits from which on a piece is not met by chance. 10 MB of text are 2**23 places, in which something of 32 bits turns up
# once in 500 such texts if they are as random as it is; ordinary text is far from that.
ENOUGH: Final = 32.0

# What the tokens of a vendor, or all keys of a kind, begin with; whoever sees it has learnt nothing.
_PUBLIC: Final = re.compile(
    r"""
      (?:bearer|basic|token|bot|apikey|key)\s+
    | (?:[a-z][a-z0-9+.-]*:)+//(?:[^/?\#\s:@]*:(?=[^/?\#\s]*@)|(?=[^/?\#\s]*@)|[^/?\#\s]*/?)
    | [spr]k_(?:live|test|prod)_ | whsec_ | gh[oprsu]_ | github_pat_ | gl(?:pat|cbt|dt)- | xox[a-z]- | xapp- | sk-(?:ant-|proj-)?
    | ya29\. | aiza | akia | asia | shp(?:at|ca|pa|ss)_ | sg\. | npm_ | pypi-ageichlwas5vcmc | dop_v1_ | hf_ | eaa
    | (?:eyj[a-z0-9_-]+\.)
    | -----begin[^-]*-----\s*
    | b3blbnnzac1rzxktdje[a-z]* | mii[a-z0-9+/]{13}
    """,
    re.VERBOSE | re.IGNORECASE,
)

_PIECE: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^A-Za-z0-9]")

# The pairs of letters that make up four fifths of English, and a fifth of what is random.
_PAIRS: Final = frozenset(
    re.findall(
        r"\S+",
        """
        th he in er an re nd on en at ou ed ha to or it is hi es ng st ar te se me nt al ve le of as ro ra ri li ne
        ll de ta io ic el la ti co ma ur si om om us ec ce ge ch il ac ca et ly ut wi be ee no di ss ns rs tr un lo
        pe po pr so su sh ea ag ai am ap at ad ab av ay ba bl bo br ck cl cr ct cu da do dr ds ef em ep ev ex fe fi
        fo fr ga gh gi gr ho id ie if ig im ir iv ke ki lt mi mo mp na ni oc od ol oo op os ot ow pa pl pp qu rd ru
        sa sc sp tu ty ub uc ue ul um up va vi wa we wh wo ye
        """,
    )
)
_LONGEST_WORD: Final = 14

# Bits that it takes to guess an everyday word, or two; a made-up value takes more.
_PLAIN: Final = 20.0

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:$|[T ])")

_LETTER, _DIGIT, _OTHER, _AGAIN = 4.7, 3.3, 4.0, 1.0
_WORD, _EVERYDAY_WORD = 16.0, 6.0


def is_plain(value: str) -> bool:
    """Whether a value, of which no name says what it is, is as plain as what occurs in any text: a word, a number, a date.

    >>> [is_plain(value) for value in ("production", "10029384", "2024-05-31", "9b1deb4d-3b7d")]
    [True, True, True, False]
    """
    return surprise(value) < (ENOUGH if value.isdigit() else _PLAIN) or _DATE.match(value) is not None


def public_beginning(value: str) -> int:
    """How many characters at the beginning of a value are no secret: `sk_live_`, `Bearer `, `https://hooks.example.com/`."""
    found = _PUBLIC.match(value)
    # Nothing is public about what consists of nothing else.
    return found.end() if found is not None and found.end() < len(value) else 0


def surprise(text: str) -> float:
    """How many bits it takes to guess `text`, at least.

    >>> surprise("production") < ENOUGH < surprise("8fK2xQ9z")
    True
    """
    bits, before = 0.0, ""
    for piece in _PIECE.findall(text):
        bits += _bits(piece) if piece != before else _AGAIN
        # A digit within a word makes another one of it: hunter2.
        if (_is_word(piece) and before.isdigit()) or (piece.isdigit() and _is_word(before)):
            bits += 2.0
        before = piece
    return bits


def _bits(piece: str) -> float:
    if piece.isdigit():
        each = _DIGIT
    elif piece.isascii() and piece.isalpha():
        if _is_word(piece):
            return _EVERYDAY_WORD if piece.lower() in EVERYDAY_WORDS else min(_WORD, _LETTER * len(piece))
        each = _LETTER
    else:
        each = _OTHER
    repeated = sum(one == other for one, other in pairwise(piece))
    return each * (len(piece) - repeated) + _AGAIN * repeated


def _is_word(piece: str) -> bool:
    """Whether letters look like a word, or the beginning of one."""
    letters = piece.lower()
    if not (letters.isalpha() and letters.isascii() and 4 <= len(letters) <= _LONGEST_WORD):
        return False
    common = sum(one + other in _PAIRS for one, other in pairwise(letters))
    return common >= 0.6 * (len(letters) - 1)

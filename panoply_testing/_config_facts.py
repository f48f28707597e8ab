"""What is recorded of a CONFIG: its icon, its params, those that hold credentials, what its functions gave for `values`.

Values only. How they are found out is in `_param_facts`, `_credential_params` and `_values`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panoply._icon_facts import IconFacts

if TYPE_CHECKING:
    from panoply_testing._breakages import How

__all__ = ["CredentialParam", "IconFacts", "ParamFacts", "ValuesFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialParam:
    """A param that holds a credential.

    Attributes:
        path: where it is, `params[2]`.
        type: as CONFIG has it; empty: there is none.
        because: what says that it holds a credential: "its name", "its default (a URL with a password in it)".
        shown: whether the form shows what is typed. None: its type is one that the kit does not know.
        meant: the type that a misspelled one seems to mean.
    """

    path: str
    name: str
    type: str
    because: str
    shown: bool | None
    meant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamFacts:
    """A param of a valid CONFIG, and how it can be broken.

    Attributes:
        is_credential: whether no message may show its value.
        is_lacking: whether it has to be given, and the params at hand have no value for it.
        ways: the ways in which it can be broken so that every source has to notice.
    """

    name: str
    title: str = ""
    is_credential: bool = False
    is_lacking: bool = False
    ways: tuple[How, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesFacts:
    """What a function gave for a param's `values`.

    Attributes:
        called: whether it was; if not, `reason` says why.
        missing: names of the params that it depends on and that were not at hand.
        raised: the exception that it raised, "KeyError: 'region'"; empty: none.
        defect: whether that speaks of a mistake in the code rather than of a far end that failed.
        where: the innermost line of the source's own code that it passed through; `frames`: its traceback.
        type_name: of what it gave.
        is_listing: whether that is a list, or something else that gives entries one after the other.
        count: how many entries there are; `endless`: there are more than anybody counts, without an end in sight.
        odd: index, type and fault of entries that a form cannot show, the first few; `odd_count` counts all.
        keys_read: the keys of `source` that it asked for.
        needs: params among them that are not among its dependencies, and without which it would fail.
        looks_at: params among them that are not among its dependencies either, and that it can do without.
        lacks: keys that it wanted, and `source` did not have.
        bare_raised: it took `source` as a whole, and raised this when it was called once more, without `bare_without`: the
            params that it does not depend on. Empty: it did not.
        seconds: how long it took, waits that were not waited for included.
    """

    param: str
    called: bool = True
    reason: str = ""
    missing: tuple[str, ...] = ()
    raised: str = ""
    defect: bool = False
    where: str = ""
    frames: tuple[str, ...] = ()
    type_name: str = ""
    is_listing: bool = True
    count: int = 0
    endless: bool = False
    odd: tuple[tuple[int, str, str], ...] = ()
    odd_count: int = 0
    keys_read: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    looks_at: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    bare_raised: str = ""
    bare_without: tuple[str, ...] = ()
    seconds: float = 0.0

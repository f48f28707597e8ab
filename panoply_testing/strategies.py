"""Hypothesis strategies for those who test a source, or what reads one: params, broken params, whole CONFIGs and records.

    from hypothesis import given
    from panoply_testing.strategies import broken_params, params

    @given(broken_params(CONFIG, how=["missing", "none", "empty"]))
    def test_it_says_what_is_missing(broken):
        with pytest.raises(panoply.PanoplyException, match=broken.title):
            Stream(broken.params, {})

How each of them is drawn is in the modules `_drawn_*`. JSON Schema is of no help there: what holds between params (names,
dependencies, functions among the values) it cannot say, and hypothesis-jsonschema, which ends at draft 7, cannot read ours.
"""

from __future__ import annotations

from panoply.errors import MissingExtra

try:
    import hypothesis as _hypothesis  # noqa: F401 - what all of them need
except ImportError as exc:
    raise MissingExtra("testing", "panoply_testing.strategies") from exc

from panoply_testing._drawn_broken import Broken, HowBroken, broken_params
from panoply_testing._drawn_configs import configs
from panoply_testing._drawn_params import params
from panoply_testing._drawn_records import records

__all__ = ["Broken", "HowBroken", "broken_params", "configs", "params", "records"]

"""What tests of both packages need."""

import gc

import pytest
from hypothesis import HealthCheck, settings

from panoply.config import check_config
from panoply_testing._clock import prepare

pytest_plugins = ["pytester", "printed"]

# How long an example takes, or drawing it, says nothing on a busy machine.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Keep ten thousand tests out of each garbage collection, which takes a tenth of a second otherwise, many times a test."""
    # They look through all objects once, and do not see what is frozen.
    check_config({})
    prepare()
    gc.collect()
    gc.freeze()

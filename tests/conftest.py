"""What tests of both packages need."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester", "printed"]

# How long an example takes, or drawing it, says nothing on a busy machine.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

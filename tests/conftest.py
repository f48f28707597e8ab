"""What tests of both packages need."""

pytest_plugins = ["pytester", "printed"]

"""`panoply.errors`: one tree, messages as published sources expect them, and a way through pickle."""

from __future__ import annotations

import pickle

import pytest

import panoply
from panoply import errors

SAMPLES = [
    errors.PanoplyException("broken", retryable=False),
    errors.CredentialsError("apikey"),
    errors.RecordError('record["a"]', "no JSON"),
    errors.RecordTooLarge("record", "too large"),
    errors.Closed("closed"),
    errors.BufferFull("full"),
    errors.SpoolError("no room", 28),
    errors.DeliveryError("lost", (("table", {"a": 1}),)),
    errors.DeliveryTimeout("late", (("table", {"a": 1}),)),
    errors.LoadError("no module"),
    errors.StateError("no folder"),
    errors.TemplateError("no title"),
    errors.ConfigError("no title"),
    errors.ParamsError("no token"),
    errors.MissingExtra("cli", "the command panoply"),
    errors.DataSourceException("page 3", 429, "requests.HTTPError", "collect", "acme", "id", "db", retryable=False),
    errors.TokenValidationException(None, "not refreshed", retryable=False),
    errors.IncorrectParamError("port"),
    errors.WrongTypeOrValueError("no dict"),
    errors.MetadataNotSupportedException("not here"),
    errors.BackgroundTimeout("late", retryable=False),
    errors.TunnelError("refused"),
]


def test_every_exception_has_a_sample_here():
    assert {type(sample).__name__ for sample in SAMPLES} == set(errors.exceptions.__all__)
    assert set(errors.__all__) == {*errors.exceptions.__all__, "Phase", "set_internal_code", "wrap_errors"}


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_one_except_catches_them_all_and_they_survive_pickling(error):
    again = pickle.loads(pickle.dumps(error))

    assert isinstance(error, panoply.PanoplyException)
    assert (type(again), str(again), again.retryable) == (type(error), str(error), error.retryable)
    assert getattr(again, "records", None) == getattr(error, "records", None)
    assert vars(again) == vars(error)
    assert getattr(again, "errno", None) == getattr(error, "errno", None)


def test_a_source_raises_it_as_sdk_3_did():
    assert panoply.PanoplyException is errors.PanoplyException
    assert str(errors.PanoplyException("refused")) == "refused"
    assert errors.PanoplyException("refused").retryable is True
    assert errors.PanoplyException(args="refused", retryable=False).retryable is False


def test_a_delivery_error_does_not_show_records_in_its_repr():
    assert "secret value" not in repr(errors.DeliveryError("lost", (("table", {"a": "secret value"}),)))


def test_a_missing_extra_says_how_to_install_it():
    assert "python -m pip install 'panoply-python-sdk[cli]'" in str(errors.MissingExtra("cli", "the command panoply"))


def test_a_spool_error_is_an_operating_system_error_with_its_number():
    error = errors.SpoolError("no room for it", 28)
    assert isinstance(error, OSError)
    assert (str(error), error.errno, error.retryable) == ("no room for it", 28, True)
    assert errors.SpoolError("closed").errno is None


def test_published_sources_make_and_catch_them_as_before():
    refused = ValueError("invalid_grant")
    error = errors.TokenValidationException(refused, "not refreshed")

    assert (str(error), error.original_error, error.retryable) == ("not refreshed", refused, True)
    assert str(errors.IncorrectParamError()) == "Incorrect input parameter"
    for kind in (TypeError, ValueError):  # what to_record raised before it had a class of its own
        assert issubclass(errors.WrongTypeOrValueError, kind)
    assert issubclass(errors.BackgroundTimeout, TimeoutError)
    assert issubclass(errors.TunnelError, ConnectionError)

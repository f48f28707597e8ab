{% if cookiecutter.mode == "async" %}
@pytest.fixture(scope="session")
def anyio_backend():
    """What runs the tests that are `async def`: what runs the source, too."""
    return "asyncio"


{% endif %}
@pytest.fixture
def no_waiting():
    """Failed requests are repeated as often as ever, but at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def waits():
    """The waits before a request is repeated, in seconds."""
    seconds = []

    def note(retry):
        assert retry.wait_for < 30, "the test would take as long"
        seconds.append(retry.wait_for)

    stamina.instrumentation.set_on_retry_hooks([note])
    yield seconds
    stamina.instrumentation.set_on_retry_hooks(None)

{% if auth == "token" %}
{{ a }}def test_a_refused_token_is_reported_at_once({{ fixture }}, panoply_bad_params):
    with pytest.raises(panoply.PanoplyException, match="refused the token") as caught:
        {{ w }}Stream(panoply_bad_params, {}).read()
    assert not caught.value.retryable
    assert panoply_bad_params["token"] not in str(caught.value)
    assert len({{ fixture }}.requests) == 1


{{ a }}def test_a_token_that_may_not_read_is_reported_at_once({{ fixture }}, panoply_params):
    {{ fixture }}.next_answers = [Response(status=403)]
    with pytest.raises(panoply.PanoplyException, match=r"refused the token \(403") as caught:
        {{ w }}Stream(panoply_params, {}).read()
    assert not caught.value.retryable
    assert len({{ fixture }}.requests) == 1


@pytest.mark.parametrize("token", [None, "", "  ", "line\nbreak-7fe1", "two words-7fe1", "ümlaut-7fe1"])
def test_a_token_that_cannot_be_one_is_reported(panoply_params, token):
    with pytest.raises(panoply.PanoplyException, match="token") as caught:
        Stream(panoply_params | {"token": token}, {})
    assert not caught.value.retryable
    assert "7fe1" not in str(caught.value)
{% elif auth == "password" %}
{{ a }}def test_a_refused_password_is_reported_at_once({{ fixture }}, panoply_bad_params):
    with pytest.raises(panoply.PanoplyException, match="refused user and password") as caught:
        {{ w }}Stream(panoply_bad_params, {}).read()
    assert not caught.value.retryable
    assert panoply_bad_params["password"] not in str(caught.value)
    assert len({{ fixture }}.requests) == 1


{{ a }}def test_a_user_that_may_not_read_is_reported_at_once({{ fixture }}, panoply_params):
    {{ fixture }}.next_answers = [Response(status=403)]
    with pytest.raises(panoply.PanoplyException, match=r"refused user and password \(403") as caught:
        {{ w }}Stream(panoply_params, {}).read()
    assert not caught.value.retryable
    assert len({{ fixture }}.requests) == 1


@pytest.mark.parametrize("name", ["user", "password"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_missing_is_named(panoply_params, name, value):
    with pytest.raises(panoply.PanoplyException, match=f"'{name}' is missing") as caught:
        Stream(panoply_params | {name: value}, {})
    assert not caught.value.retryable
{% elif auth == "oauth2" %}
def test_an_access_token_that_has_expired_is_replaced({{ fixture }}, panoply_params, panoply_collect):
    collected = panoply_collect(panoply_params | {"access_token": "expired"})
    assert ids(collected.batches) == every_id({{ fixture }})
    assert ("source-change", {"access_token": {{ fixture }}.access_token}) in collected.events


{{ a }}def test_an_access_token_may_expire_in_the_middle({{ fixture }}, panoply_params, panoply_options):
    stream = Stream(panoply_params, panoply_options)
    batches = [{{ w }}stream.read(), {{ w }}stream.read()]
    {{ fixture }}.access_token = "another"
    assert ids(batches + {{ w }}drain(stream)) == every_id({{ fixture }})
    assert stream.source["access_token"] == {{ fixture }}.access_token


{{ a }}def test_refused_access_is_reported({{ fixture }}, panoply_bad_params, panoply_options):
    with pytest.raises(panoply.PanoplyException, match="connect the account again") as caught:
        {{ w }}Stream(panoply_bad_params, panoply_options).read()
    assert not caught.value.retryable
    assert panoply_bad_params["access_token"] not in str(caught.value)


{{ a }}def test_access_that_is_refused_even_when_fresh_is_reported({{ fixture }}, panoply_params, panoply_options):
    {{ fixture }}.next_answers = [Response(status=403), None, Response(status=403)]
    with pytest.raises(panoply.PanoplyException, match="refused the access") as caught:
        {{ w }}Stream(panoply_params, panoply_options).read()
    assert not caught.value.retryable


@pytest.mark.parametrize("token", [None, "", "  ", "line\nbreak-7fe1", "two words-7fe1", "ümlaut-7fe1"])
def test_a_token_that_cannot_be_one_is_reported(panoply_params, token):
    with pytest.raises(panoply.PanoplyException, match="access_token") as caught:
        Stream(panoply_params | {"access_token": token}, {})
    assert not caught.value.retryable
    assert "7fe1" not in str(caught.value)
{% else %}
{{ a }}def test_an_api_that_wants_credentials_is_reported_at_once({{ fixture }}, panoply_params):
    {{ fixture }}.next_answers = [Response(status=401)]
    with pytest.raises(panoply.PanoplyException, match="wants credentials") as caught:
        {{ w }}Stream(panoply_params, {}).read()
    assert not caught.value.retryable
    assert len({{ fixture }}.requests) == 1
{% endif %}

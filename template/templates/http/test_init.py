{% if auth == "password" %}
        self.user, self.password = "ada", secrets.token_hex(16)
{% elif auth == "oauth2" %}
        application = {"client_id": "this-source", "client_secret": secrets.token_hex(16)}
        self.options = {"refresh": application | {"grant_type": "refresh_token"}}
{% endif %}

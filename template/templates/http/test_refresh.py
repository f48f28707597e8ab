{% if auth == "oauth2" %}

    def refresh(self, form):
        """Give a fresh access token to whoever has the refresh token; the old one is no good any more."""
        if form.to_dict() != self.options["refresh"] | {"refresh_token": self.refresh_token}:
            return as_json({"error": "invalid_grant"}, 400)
        self.access_token = secrets.token_hex(16)
        return as_json({"access_token": self.access_token, "token_type": "Bearer", "expires_in": 3600})
{% endif %}

"""Sign-in through the university, by OAuth: copy this to the hub's folder as `sign_in.py`.

Needs `pip install oauthenticator`. The addresses and the two secrets come from whoever runs your
university's sign-in; register there the address https://HUB/hub/oauth_callback.
"""

import os

c = get_config()  # noqa: F821

c.JupyterHub.authenticator_class = "generic-oauth"
c.GenericOAuthenticator.client_id = os.environ["OAUTH_CLIENT_ID"]
c.GenericOAuthenticator.client_secret = os.environ["OAUTH_CLIENT_SECRET"]
c.GenericOAuthenticator.oauth_callback_url = "https://hub.example.edu/hub/oauth_callback"
c.GenericOAuthenticator.authorize_url = "https://login.example.edu/authorize"
c.GenericOAuthenticator.token_url = "https://login.example.edu/token"
c.GenericOAuthenticator.userdata_url = "https://login.example.edu/userinfo"
c.GenericOAuthenticator.scope = ["openid"]
# a code and no name, if your university gives one
c.GenericOAuthenticator.username_claim = "sub"
c.GenericOAuthenticator.allow_all = True
c.GenericOAuthenticator.auto_login = True

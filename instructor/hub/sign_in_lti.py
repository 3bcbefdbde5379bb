"""Sign-in from a learning platform (Moodle, Canvas), by LTI 1.3: copy this as `sign_in.py`.

Needs `pip install jupyterhub-ltiauthenticator`. The platform gives the client's id and the three
addresses; give the platform https://HUB/hub/lti13/config.
"""

import os

c = get_config()  # noqa: F821

c.JupyterHub.authenticator_class = "ltiauthenticator.lti13.auth.LTI13Authenticator"
c.LTI13Authenticator.issuer = "https://moodle.example.edu"
c.LTI13Authenticator.authorize_url = "https://moodle.example.edu/mod/lti/auth.php"
c.LTI13Authenticator.jwks_endpoint = "https://moodle.example.edu/mod/lti/certs.php"
c.LTI13Authenticator.client_id = {os.environ["LTI_CLIENT_ID"]}
# the platform's own number for a person: no name reaches the hub
c.LTI13Authenticator.username_key = "sub"
c.LTI13Authenticator.allow_all = True

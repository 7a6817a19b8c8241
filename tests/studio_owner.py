"""Who may do all that a studio can, asked without a network."""

from genlearn.studio.security.sessions import Session
from genlearn.studio.settings import PORT

HERE = f"http://127.0.0.1:{PORT}"


def let_in(client):
    """``client`` of a studio, which has opened the printed link and sends what its pages send."""
    sessions = client.app.state.studio.sessions
    answer = client.get("/login", params={"token": sessions.token})
    assert answer.status_code == 303
    name = client.cookies[f"genlearn-owner-{PORT}"].split(".")[1]
    csrf = sessions.csrf(Session("owner", name))
    client.headers |= {"origin": HERE, "x-csrf-token": csrf, "accept": "text/html"}
    return client

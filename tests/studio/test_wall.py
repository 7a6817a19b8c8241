"""Nothing is answered before it is known who asks."""


def test_owner_sees_runs(owner):
    answer = owner.get("/")
    assert answer.status_code == 200
    assert "runs/vae" in answer.text

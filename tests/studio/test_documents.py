"""Pages that came with a folder stand apart from the studio."""

import pytest

from genlearn.evaluate.report.document import document
from genlearn.evaluate.report.markup import tag
from genlearn.studio.library.places import id_of
from genlearn.studio.security.headers import APART

TALK = f"/documents/{id_of('talk/lecture.html')}"


@pytest.fixture
def folder(tmp_path):
    """A lecture that does nothing but switch its colours."""
    place = tmp_path / "work"
    (place / "talk").mkdir(parents=True)
    page = document("A lecture", tag("main", tag("h1", "A lecture"), id="main"))
    (place / "talk" / "lecture.html").write_text(page)
    return place


HOSTILE = """<!doctype html><meta charset="utf-8"><title>a report</title>
<img src="/static/icon.svg" onload="told.push('image')">
<form id="form" method="post" action="/queue/JOB/remove"><input name="a"></form>
<script src="/static/studio.js"></script>
<script>
  window.told = [];
  const attempt = async (name, deed) => {
    try { const what = await deed(); told.push(`${name}: ${what}`); }
    catch (error) { told.push(`${name} refused`); }
  };
  (async () => {
    await attempt("cookie", () => document.cookie || "none");
    await attempt("storage", () => localStorage.length);
    await attempt("get", async () => (await fetch("/")).status);
    const post = { method: "POST" };
    await attempt("post", async () => (await fetch("/queue/JOB/remove", post)).status);
    navigator.sendBeacon("/queue/JOB/remove");
    await attempt("popup", () => { if (!window.open("/")) throw 0; return "opened"; });
    await attempt("opener", () => { if (!window.opener) throw 0; return "there"; });
    await attempt("top", () => top.origin);
    await attempt("frame", async () => {
      const frame = document.createElement("iframe"); frame.src = "/";
      document.body.append(frame);
      await new Promise((done) => setTimeout(done, 300));
      return frame.contentDocument.title;
    });
    document.getElementById("form").submit();
    await new Promise((done) => setTimeout(done, 300));
    document.body.append(Object.assign(document.createElement("output"), { id: "done" }));
  })();
</script>
"""


def test_hostile_page_reaches_nothing(browser, listening, folder):
    (folder / "talk" / "lecture.html").write_text(HOSTILE)
    base = listening.split("/login")[0]
    tab = browser.new_page()
    tab.goto(listening)
    tab.goto(f"{base}/compare")
    answered = []

    def note(answer):
        answered.append(answer)

    tab.context.on("response", note)
    with tab.context.expect_page() as opened:
        tab.click("main a[target=_blank]")
    page = opened.value
    page.wait_for_selector("#done", state="attached")
    assert page.evaluate("told") == [
        "cookie refused",
        "storage refused",
        "get refused",
        "post refused",
        "popup refused",
        "opener refused",
        "top: null",
        "frame refused",
    ]
    itself = f"{base}{TALK}"
    assert page.url == itself
    its = [one for one in answered if one.frame.page == page and "favicon" not in one.url]
    assert [(one.request.method, one.url) for one in its] == [("GET", itself)]
    page.close()
    tab.close()


def test_reports_work_apart(open_tab, listening):
    tab = open_tab(listening)
    tab.goto(f"{listening.split('/login')[0]}{TALK}")
    assert tab.evaluate("origin") == "null"
    before = tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    tab.click("#theme")
    assert tab.evaluate("getComputedStyle(document.documentElement).backgroundColor") != before
    assert tab.told == []


def test_documents_are_found_by_id_alone(owner, folder, tmp_path):
    (tmp_path / "secret.html").write_text("secret")
    (folder / "linked.html").symlink_to(tmp_path / "secret.html")
    (folder / ".studio").mkdir(exist_ok=True)
    (folder / ".studio" / "own.html").write_text("own")
    listed = owner.get("/compare").text
    assert f'href="{TALK}"' in listed
    assert owner.get(TALK).headers["content-security-policy"] == APART
    for name in ("linked.html", ".studio/own.html", "../secret.html"):
        assert id_of(name) not in listed
        assert owner.get(f"/documents/{id_of(name)}").status_code == 404
    assert owner.get("/documents/..%2f..%2fsecret.html").status_code == 404

"""What judges send back is read whole, or it is told what is wrong with it."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest

from genlearn.core.errors import UserError
from genlearn.turing import quiz_page, read_results
from genlearn.turing.component import quiz_data
from genlearn.turing.trials import REAL


def code_of(quiz_id, judge, answers, sitting="s"):
    """A result as the page writes it, made by hand."""
    fields = {
        "quiz": quiz_id,
        "sitting": sitting,
        "judge": judge,
        "answers": answers,
        "ms": [900] * len(answers),
    }
    body = urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    return f"genlearn-quiz:{body}:{sha256(body.encode()).hexdigest()[:8]}."


@pytest.fixture
def sent(discs, spec, tmp_path):
    """A page, and results of judges made by hand."""
    trials = discs("one", 8)
    page = tmp_path / "quiz.html"
    page.write_text(quiz_page(trials, spec))
    quiz_id = quiz_data(trials, spec)["id"]

    def code(judge="", answers="10101010", sitting="s", quiz=quiz_id):
        return code_of(quiz, judge, answers, sitting)

    return page, code


def test_results_survive_mail(sent):
    page, code = sent
    whole = code("Zoë", sitting="a")
    lines = "\n> ".join(whole[i : i + 60] for i in range(0, len(whole), 60))
    told = []
    found = read_results(page, [("mail", f"> {lines} and\n{code('', sitting='b')}")], told.append)
    assert found.judges == ("Zoë", "judge 2")
    assert not told
    assert found.given.tolist() == [[1, 0] * 4] * 2
    assert set(found.source) <= {REAL, 0, 1}


def test_a_result_given_twice_counts_once_and_names_may_agree(sent):
    page, code = sent
    told = []
    texts = [("a", code("Ann", sitting="a")), ("b", code("Ann", sitting="a"))]
    assert len(read_results(page, texts, told.append).judges) == 1
    assert told == ["b: a result that was given already is counted once"]
    told.clear()
    texts[1] = ("b", code("Ann", sitting="c"))
    assert read_results(page, texts, told.append).judges == ("Ann 1", "Ann 2")
    assert told == ["2 results are of Ann: each is taken for a judge of its own"]


def test_what_is_no_result_is_told(sent, tmp_path):
    page, code = sent
    cut, other = code()[:-20], tmp_path / "other.html"
    other.write_text("<p>no quiz</p>")
    for texts, place, said in (
        ("nothing", page, "holds no result;"),
        (cut, page, "a result that is not whole"),
        (code().replace("ey", "eY", 1), page, "damaged on its way"),
        (code(quiz="0123456789"), page, "results of quiz 0123456789 were given"),
        (code(answers="101"), page, "a result has 3 answers; the quiz has 8 trials"),
        (code(answers="1010101x"), page, "a result has 8 answers"),
        (code(), other, "holds no quiz"),
    ):
        with pytest.raises(UserError, match=said):
            read_results(place, [("x", texts)], print)


def test_an_edited_page_is_told(sent):
    page, code = sent
    text = page.read_text()
    first = json.loads(text.split('class="quiz-data">')[1].split("</script>")[0])["hashes"][0]
    page.write_text(text.replace(first, "0" * len(first)))
    with pytest.raises(UserError, match="it was edited"):
        read_results(page, [("x", code())], print)

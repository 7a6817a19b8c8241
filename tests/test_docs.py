"""Documentation is run as it is written."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from forked import Command, python
from helpers import gaussian_table, genlearn
from quick_judging import judge_quickly
from sklearn.utils.estimator_checks import check_estimator

import genlearn as gl
from genlearn.comparison.candidates import candidates_for
from genlearn.core.registry import find
from genlearn.data import open_data

ROOT = Path(__file__).parent.parent


def python_blocks(page):
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


@pytest.fixture
def extension(tmp_path, monkeypatch):
    """The model of docs/extending.md as an installed package with its entry point."""
    (tmp_path / "my_package").mkdir()
    (tmp_path / "my_package/__init__.py").touch()
    (tmp_path / "my_package/gaussian.py").write_text(python_blocks("docs/extending.md")[0])
    info = tmp_path / "my_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[genlearn.models]\ngaussian = my_package.gaussian:Gaussian\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_the_model_of_the_guide_takes_forty_lines():
    assert len(python_blocks("docs/extending.md")[0].splitlines()) <= 40


def test_it_is_a_model_like_any_other(extension, tmp_path):
    assert "gaussian" in gl.available()
    data = gaussian_table(2000, 3)
    model = gl.create("gaussian", steps=400, lr=5e-2, batch_size=500).fit(data)
    covariance = np.cov(data, rowvar=False)
    truth = -0.5 * (3 + np.linalg.slogdet(2 * np.pi * covariance)[1])
    assert model.score(data) == pytest.approx(truth, rel=2e-3)
    np.testing.assert_allclose(
        np.cov(model.sample(20_000, seed=0), rowvar=False),
        covariance,
        rtol=0.1,
        atol=0.1 * covariance.max(),
    )
    model.save(tmp_path / "run")
    np.testing.assert_array_equal(gl.load(tmp_path / "run").sample(3), model.sample(3))


@pytest.mark.filterwarnings("default")
def test_it_passes_scikit_learns_checks(extension):
    state = np.random.get_state()
    check_estimator(gl.create("gaussian", steps=5), on_skip=None)
    np.random.set_state(state)


def test_it_has_flags_and_commands(extension):
    assert "--shrinkage" in genlearn("fit", "gaussian", "--help", cwd=extension).stdout
    genlearn("fit", "gaussian", "digits", "--steps", 20, cwd=extension)
    genlearn("sample", "runs/gaussian-digits", cwd=extension)


def test_it_takes_part_in_comparisons_by_itself(extension):
    spec = open_data(gaussian_table(300, 3)).spec
    few, told = candidates_for([], spec, 60)
    assert {one.name for one in few} == {"gmm", "kde", "ppca", "gaussian", "flow", "vae", "r3gan"}
    assert "edm" in told[-1]
    candidates, left_out = candidates_for(["all"], spec, 60)
    # which take domains or images, not rows
    assert {candidate.name for candidate in candidates} == set(gl.available()) - {
        "cogan",
        "upscale",
        "pipeline",
    }
    assert len(left_out) == 3


def test_it_is_compared_with_others(extension):
    np.savetxt(
        extension / "table.csv", gaussian_table(300, 3), delimiter=",", header="a,b,c", comments=""
    )
    some = [
        word for name in ("gaussian", "ppca", "latent", "cascade") for word in ("--model", name)
    ]
    done = genlearn(
        "compare",
        "table.csv",
        "--budget",
        "8s",
        "--evaluation",
        "3s",
        "--size",
        "tiny",
        *some,
        cwd=extension,
        first=judge_quickly,
    )
    report = json.loads((extension / "comparison-table/report.json").read_text())
    models = {model["name"]: model for model in report["models"]}
    assert len(models) == 4
    assert "bits_per_dim" in models["gaussian"]["figures"]
    assert models["gaussian"]["kind"] == "exact"
    assert "gaussian" in done.stdout


PAGES = (
    "README.md",
    "docs/compression.md",
    "docs/explore.md",
    "docs/export.md",
    "docs/outliers.md",
    "docs/recipes.md",
    "docs/representations.md",
    "docs/start.md",
    "docs/turing.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_the_pages_runs(page, tmp_path):
    code = "\n".join(python_blocks(page)).replace("steps=2000", "steps=20")
    done = Command(code, cwd=tmp_path, program=python).ended()
    assert done.returncode == 0, done.stderr


def test_the_pages_of_the_models_are_up_to_date():
    code = "import runpy; runpy.run_path('generate.py', run_name='__main__')"
    done = Command(code, "--check", cwd=ROOT / "docs", program=python).ended()
    assert done.returncode == 0, f"{done.stdout}: run `make docs`"


@pytest.mark.parametrize(
    "execute", [0, pytest.param(1, marks=pytest.mark.slow)], ids=["without", "with the gallery"]
)
def test_the_site_is_built_without_a_warning(execute, tmp_path):
    """Links and anchors lead somewhere, and each page is found from the first."""
    code = "import sys; from sphinx.cmd.build import main; sys.exit(main(sys.argv[1:]))"
    how = ["-q", "-E", "-W", "--keep-going", "-c", "docs/site", "-D", f"execute_gallery={execute}"]
    done = Command(code, *how, "docs", tmp_path, cwd=ROOT, program=python).ended()
    assert done.returncode == 0, done.stderr
    pages = {page.relative_to(tmp_path).as_posix() for page in tmp_path.rglob("*.html")}
    assert {"index.html", "start.html", "benchmarks.html", "models/vae.html"} <= pages
    assert not re.search(
        r"<(?:script|link|img)[^>]+https?://", (tmp_path / "index.html").read_text()
    )
    pictures = re.findall('src="(_images/[^"]+)', (tmp_path / "gallery.html").read_text())
    assert len(pictures) == execute * len([*ROOT.glob("docs/gallery/*.py")])


def test_every_model_is_in_the_overview_and_links_lead_somewhere():
    overview = (ROOT / "docs/models.md").read_text()
    assert {name for name in gl.available() if f"(models/{name}.md)" in overview} == set(
        gl.available()
    )
    for page in [ROOT / "README.md", *ROOT.glob("docs/*.md"), ROOT / "benchmarks/README.md"]:
        prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        for link in re.findall(r"\]\((?!http|#)([^)#]+)", prose):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.parametrize("name", gl.available())
def test_every_model_says_what_to_take_it_for_and_how_long_it_takes(name):
    model = find(name)
    assert model.use.endswith(".")
    assert model.takes

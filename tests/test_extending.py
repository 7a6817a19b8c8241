"""The examples of docs/extending.md, as they are written, as an installed package of their own; and
the variant of a model in examples/."""

import importlib.util
import json
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
from forked import Command, python
from helpers import gaussian_table

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.prob.posteriors import DiagonalGaussian, standard_log_prob

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples/beta_tcvae.py"
PAIRS = re.findall(
    r"```toml\n(.*?)```\s*```python\n(.*?)```", (ROOT / "docs/extending.md").read_text(), re.DOTALL
)


def install(folder):
    """Write all examples and their entry points to ``folder``, which needs to be on the path."""
    (folder / "my_package").mkdir()
    (folder / "my_package/__init__.py").touch()
    points = defaultdict(list)
    for declared, code in PAIRS:
        for group, names in tomllib.loads(declared)["project"]["entry-points"].items():
            ((name, target),) = names.items()
            points[group].append(f"{name} = {target}")
            module = target.partition(":")[0].replace(".", "/")
            (folder / module).with_suffix(".py").write_text(code)
    (folder / "my_package/beta_tcvae.py").write_text(EXAMPLE.read_text())
    points["genlearn.models"].append("betatcvae = my_package.beta_tcvae:BetaTCVAE")
    info = folder / "my_package-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text(
        "\n".join(f"[{group}]\n" + "\n".join(lines) for group, lines in points.items())
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Run code in a process of its own that has the package; gives what it prints as JSON."""
    folder = tmp_path_factory.mktemp("site")
    install(folder)

    def run(code):
        start = "import json, genlearn as gl\n"
        done = Command(start + code, cwd=folder, program=python).ended()
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_there_is_an_example_of_each_and_none_is_long():
    assert PAIRS
    groups = [next(iter(tomllib.loads(t)["project"]["entry-points"])) for t, _ in PAIRS]
    kinds = (
        "models",
        "models",
        "samplers",
        "metrics",
        "panels",
        "sources",
        "text_encoders",
        "trackers",
    )
    assert groups == [f"genlearn.{kind}" for kind in kinds]
    assert max(len(code.splitlines()) for _, code in PAIRS) <= 40
    assert len(EXAMPLE.read_text().splitlines()) <= 80


def test_models_and_the_sampler_are_there_by_name(installed):
    found = installed("""
import numpy as np
from genlearn.core.registry import find
data = np.random.default_rng(0).normal(size=(200, 4)) @ np.diag([1, 2, 3, 4.0])
shapes = {}
for name in ("gaussian", "capacityvae", "betatcvae"):
    model = gl.create(name, steps=30).fit(data)
    shapes[name] = [*model.sample(5).shape, bool(np.isfinite(model.score_samples(data[:3])).all())]
flow = gl.create("flow", steps=60, sampling_steps=20, size="tiny").fit(data)
drawn = {s: flow.sample(50, seed=0, sampler=s) for s in ("midpoint", "heun", "euler")}
away = {s: float(np.abs(drawn[s] - drawn["heun"]).mean()) for s in drawn}
from genlearn.prob.diffusion.samplers import SAMPLERS
print(json.dumps({"available": gl.available(), "shapes": shapes, "away": away,
    "samplers": SAMPLERS.available()}))
""")
    assert {"gaussian", "capacityvae", "betatcvae", "vae"} <= set(found["available"])
    assert all(shape == [5, 4, True] for shape in found["shapes"].values())
    assert "midpoint" in found["samplers"]
    assert 0 < found["away"]["midpoint"] < found["away"]["euler"]


def test_the_metric_and_the_panel_are_in_a_report(installed):
    found = installed("""
import re
from pathlib import Path
from quick_judging import judge_quickly
judge_quickly()
report = gl.compare("spiral:300", "out", budget="6s", evaluation="4s", models=["ppca", "gmm"])
page = Path("out/report.html").read_text()
maps = re.search(r'<section[^>]*id="maps".*?</section>', page, re.DOTALL)[0]
print(json.dumps({"metrics": list(report["metrics"].items()), "floor": list(report["floor"]),
    "models": {m["name"]: list(m["figures"]) for m in report["models"]},
    "primary": report["protocol"]["primary"], "maps": maps}))
""")
    measured = {key: m for key, m in found["metrics"] if key.startswith("energy/")}
    assert {metric["title"] for metric in measured.values()} == {"Energy distance"}
    assert all(set(measured) <= set(of) for of in (found["floor"], *found["models"].values()))
    assert found["primary"].startswith("frechet")
    assert "Lengths of codes" in found["maps"]
    assert "The share of held-out examples whose codes are shorter" in found["maps"]


def test_the_source_is_opened_by_its_text(installed):
    found = installed("""
data = gl.open_data("spiral:500")
try:
    gl.open_data("spiral:many")
except gl.core.errors.UserError as error:
    told = str(error)
print(json.dumps({"shape": data.values.shape, "told": told, "digits": len(gl.open_data("digits"))}))
""")
    assert found["shape"] == [500, 2]
    assert "as in spiral:500" in found["told"]
    assert found["digits"] == 1797


def test_the_tracker_hears_of_a_training(installed):
    found = installed("""
from pathlib import Path
from genlearn.engine.runs.run_options import RunOptions
model = gl.create("vae", steps=3, size="tiny")
model.fit("digits", out="tracked", options=RunOptions(trackers=("lines",)))
print(json.dumps(Path("lines.txt").read_text().splitlines()))
""")
    assert [line.split()[:3] for line in found if "loss" in line] == [
        ["tracked", str(step), "loss/loss"] for step in (1, 2, 3)
    ]


def test_the_text_encoder_reads_captions_by_its_name(installed):
    found = installed("""
from genlearn.data.text.caption_embeddings import embed_captions
from genlearn.data.text.text_encoder import text_encoder
bank = embed_captions(["a bee", "", "zoo"], text_encoder("letters"), print)
scenes = gl.open_data("scenes", split="test")
from dataclasses import replace
few = scenes.take(slice(0, 40))
model = gl.create("flow", steps=3, size="tiny", condition="text", text_encoder="letters",
    sampling_steps=2)
sample = model.fit(few).sample(2, prompt="a red circle")
print(json.dumps({"starts": bank.starts.tolist(), "bee": bank.tokens[1].tolist(),
    "width": bank.tokens.shape[1], "sample": len(sample)}))
""")
    assert found["starts"] == [0, 2, 2, 3]
    assert found["bee"][:5] == [0, 1, 0, 0, 2]
    assert found["width"] == 26
    assert found["sample"] == 2


@pytest.fixture(scope="module")
def beta_tcvae():
    spec = importlib.util.spec_from_file_location("beta_tcvae", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["beta_tcvae"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["beta_tcvae"]


def codes_of(correlation, n=2000, std=0.5):
    """Posteriors and codes whose q(z) is N(0, I) but for a correlation of the first two latents."""
    generator = torch.Generator().manual_seed(0)
    covariance = torch.eye(3, dtype=torch.float64)
    covariance[0, 1] = covariance[1, 0] = correlation
    tril = torch.linalg.cholesky(covariance - std**2 * torch.eye(3))
    mean, eps = torch.randn(2, n, 3, dtype=torch.float64, generator=generator)
    q = DiagonalGaussian(mean @ tril.T, torch.full((n, 3), std, dtype=torch.float64))
    return q, q.transform(eps)


def test_the_parts_of_the_divergence_are_the_known_ones_of_a_gaussian(beta_tcvae):
    n, parts = 2000, {}
    for correlation in (0.0, 0.6):
        q, z = codes_of(correlation)
        parts[correlation] = beta_tcvae.divergence_parts(q, z, n)
        whole = 0.5 * (z**2 - ((z - q.mean) / q.std) ** 2).sum(1) - q.std.log().sum(1)
        torch.testing.assert_close(sum(parts[correlation]), whole.mean())
    (one, tc, rest), (_, tc_of_independent, _) = parts[0.6], parts[0.0]
    truth = -0.5 * np.log(1 - 0.6**2)  # of a Gaussian, Cover & Thomas 2006
    assert float(tc - tc_of_independent) == pytest.approx(truth, abs=0.05)
    # all examples in one batch: n times as many as the estimate takes them for
    assert float(tc) == pytest.approx(truth + 2 * np.log(n), abs=0.1)
    assert float(rest) == pytest.approx(-3 * np.log(n), abs=0.1)
    information = 0.5 * np.log((1 - 0.6**2) / 0.25**3)
    assert float(one) == pytest.approx(information + np.log(n), abs=0.1)


def test_the_weight_of_the_total_correlation_makes_latents_independent(beta_tcvae):
    data, found = gaussian_table(600, 5), {}
    for beta in (0.0, 20.0):
        model = beta_tcvae.BetaTCVAE(
            beta=beta, latent_dim=3, steps=400, network="linear", scale="shared", batch_size=200
        ).fit(data)
        q = model._posterior(model.spec_.to_internal(data))
        z = q.transform(torch.randn(q.mean.shape, generator=torch.Generator().manual_seed(1)))
        with torch.no_grad():
            found[beta] = float(beta_tcvae.divergence_parts(q, z, len(data))[1])
    assert found[20.0] < found[0.0] - 0.05


def test_at_beta_one_it_is_the_divergence_of_the_vae(beta_tcvae):
    model = beta_tcvae.BetaTCVAE(beta=1.0, steps=2, latent_dim=3).fit(gaussian_table(100, 5))
    q, z = codes_of(0.3, n=100)
    expected = (q.log_prob((z - q.mean) / q.std) - standard_log_prob(z)).mean()
    torch.testing.assert_close(model.divergence(q, z), expected)


def test_what_it_cannot_decompose_is_told(beta_tcvae):
    with pytest.raises(UserError, match="covariance='full'"):
        beta_tcvae.BetaTCVAE(covariance="full", steps=1).fit(gaussian_table(60, 3))
    assert issubclass(beta_tcvae.BetaTCVAE, gl.VAE)


def test_the_callback_of_the_page_hears_of_the_best_held_out_loss():
    code = (ROOT / "docs/extending.md").read_text().rpartition("```python\n")[2].partition("```")[0]
    exec(compile(code, "extending.md", "exec"), made := {})
    best = made["Best"]()
    model = gl.VAE(steps=20, size="tiny").fit(gaussian_table(80), validation=0.2, callbacks=[best])
    marks = model.history_.dropna()
    least = marks.loc[marks["validation"].idxmin()]
    assert best.least == (least["validation"], least["step"])

"""Games of two players: the order of play, the best discriminator, what is kept of the game, and
the families that play it."""

import itertools

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, genlearn, small
from hypothesis import given, settings
from hypothesis import strategies as st

import genlearn as gl
from genlearn.core.capabilities import Discriminates
from genlearn.core.seeding import seeded
from genlearn.engine.runs.training_history import TrainingHistory
from genlearn.nets.coders.mlp import decoder_stages, encoder_stages
from genlearn.nets.gan.coupled import CoupledDiscriminator, CoupledGenerator, by_domain
from genlearn.nets.gan.maxout import Maxout
from genlearn.nets.gan.tabular_generator import TabularGenerator
from genlearn.nets.layers.batchnorm_recalibration import batch_norms, recalibrating
from genlearn.nets.layers.class_projection import ClassLogitSelector
from genlearn.prob.gan_losses import MinimaxLoss, NonSaturatingLoss


def games():
    return [
        name for name in gl.available() if issubclass(gl.core.registry.find(name), Discriminates)
    ]


@pytest.mark.parametrize("k", [1, 3])
def test_the_discriminator_takes_k_steps_and_the_generator_sees_the_last(k, monkeypatch):
    model = small("gan", discriminator_steps=k, batch_size=30, steps=1)
    seen = []
    played = type(model).objectives

    def watched(self, x, y=None):
        for net, loss in played(self, x, y):
            weights = torch.cat(
                [p.detach().flatten().clone() for p in self.networks_["discriminator"].parameters()]
            )
            seen.append(
                (next(name for name, part in self.networks_.items() if part is net), weights)
            )
            yield net, loss

    monkeypatch.setattr(type(model), "objectives", watched)
    model.fit(gaussian_table())
    assert [name for name, _ in seen] == ["discriminator"] * k + ["generator"]
    for (_, before), (_, after) in itertools.pairwise(seen):
        # each player sees the discriminator as its last step left it
        assert not torch.equal(before, after)


def test_a_batch_too_small_to_share_is_refused():
    with pytest.raises(ValueError, match="discriminator_steps=40 share batch_size=32"):
        small("gan", discriminator_steps=40).fit(gaussian_table())


@pytest.mark.parametrize("m", [1.0, 2.0])
def test_a_trained_discriminator_of_two_normals_is_the_best_one(m):
    """Against fixed samples from N(m, 1), D trained by the game finds logit m^2 / 2 - m x, and V
    its closed form (-1.16345 for m = 1)."""
    quantiles = torch.special.ndtri((torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000)
    weights = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        solver.zero_grad()
        value = MinimaxLoss().discriminator(
            weights[0] + weights[1] * quantiles, weights[0] + weights[1] * (quantiles + m)
        )
        value.backward()
        return value

    solver.step(loss)
    torch.testing.assert_close(
        weights.detach(), torch.tensor([m**2 / 2, -m], dtype=torch.float64), atol=5e-3, rtol=0
    )
    if m == 1.0:
        assert -loss().item() == pytest.approx(-1.16345, abs=1e-4)


def test_losses_of_the_generator_where_samples_are_data():
    logits = torch.zeros(3)
    assert float(NonSaturatingLoss().generator(logits, lambda: logits)) == pytest.approx(np.log(2))
    assert float(MinimaxLoss().generator(logits, lambda: logits)) == pytest.approx(-np.log(2))


@settings(max_examples=30)
@given(steps=st.integers(1, 1000), columns=st.integers(1, 3), seed=st.integers(0, 9))
def test_a_record_keeps_means_over_equal_stretches(steps, columns, seed):
    values = np.random.default_rng(seed).normal(size=(steps, columns)).astype(np.float32)
    record = TrainingHistory(columns)
    for row in values:
        record.add(torch.from_numpy(row))
    curves = record.curves()
    assert len(curves) <= 128
    ends = curves[:, 0].astype(int)
    assert ends[-1] == steps
    for start, end, row in zip([0, *ends], ends, curves, strict=False):
        np.testing.assert_allclose(row[1:], values[start:end].mean(0), atol=1e-5)


def test_maxout_is_the_largest_of_its_maps():
    with seeded(0):
        layer, x = Maxout(3, 4), torch.randn(5, 3)
    pieces = (x @ layer.linear.weight.T + layer.linear.bias).reshape(5, 4, -1)
    torch.testing.assert_close(layer(x), pieces.max(2).values)


def test_rows_start_as_the_normal_with_the_moments_of_the_data():
    with seeded(0):
        x = TabularGenerator(6, (4,), (32,))(torch.randn(20_000, 6)).detach()
    torch.testing.assert_close(x.T.cov(), torch.eye(4), atol=0.05, rtol=0)


def test_the_answer_for_the_class_is_the_one_that_counts():
    with seeded(0):
        trunk, x, y = torch.nn.Linear(3, 4), torch.randn(5, 3), torch.tensor([0, 3, 1, 1, 2])
    answers = ClassLogitSelector(trunk)
    torch.testing.assert_close(answers(x), trunk(x))
    torch.testing.assert_close(answers(x, y), trunk(x)[torch.arange(5), y])


def test_batch_norms_are_measured_afresh():
    with seeded(0):
        network, x = torch.nn.Sequential(torch.nn.BatchNorm1d(3)), torch.randn(400, 3) * 2 + 5
        for part in x.split(50):
            network(part * 9)
    with recalibrating(batch_norms(network.eval())):
        for part in x.split(50):
            network(part)
    torch.testing.assert_close(network[0].running_mean, x.mean(0))
    torch.testing.assert_close(
        network[0].running_var, torch.stack([part.var(0) for part in x.split(50)]).mean(0)
    )
    assert not network.training
    assert network[0].momentum == 0.1


@pytest.mark.parametrize("name", games())
def test_the_discriminator_is_a_public_scorer(name, fitted):
    model = fitted(name, "grey")
    data = blobs(40)
    belief = model.discriminate(data)
    assert belief.shape == (40,)
    assert ((belief >= 0) & (belief <= 1)).all()
    np.testing.assert_allclose(belief[3:5], model.discriminate(data[3:5]), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", games())
def test_the_game_is_a_panel(name, fitted):
    model = fitted(name, "table")
    game, value = (
        panel
        for panel in model.panels(gl.open_data(gaussian_table()))
        if panel.title in ("The game", "Its value")
    )
    assert set(game.series) == {"data", "samples", "cannot tell"}
    assert np.isfinite(value.series["V"]).all()
    assert value.series["cannot tell"][0, 1] == pytest.approx(model.gan_loss.equilibrium)


def domains(n=400):
    """Discs of two domains, bright on dark and dark on bright, of which no two are the same."""
    images = blobs(n)
    labels = np.array(["bright", "dark"])[np.arange(n) % 2]
    return np.where((labels == "dark")[:, None, None], 255 - images, images), labels


def test_coupled_networks_share_all_but_their_own_stages():
    with seeded(0):
        generator = CoupledGenerator(lambda: decoder_stages(3, (2,), (8, 8)), 2, 1)
        discriminator = CoupledDiscriminator(lambda: encoder_stages((2,), 1, (8, 8)), 2, 1)
        z = torch.randn(4, 3)
    x = [generator(torch.cat([z, torch.eye(2)[[domain] * 4]], 1)) for domain in (0, 1)]
    for domain in (0, 1):
        torch.testing.assert_close(x[domain], generator.own[domain](generator.shared(z)))
    y = torch.tensor([1, 0, 1, 1])
    torch.testing.assert_close(
        discriminator(x[0], y), discriminator(x[0]).gather(1, y[:, None])[:, 0]
    )


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_each_example_goes_through_the_network_of_its_domain(domain):
    # answers with its number
    networks = torch.nn.ModuleList(torch.nn.Hardtanh(number, number + 1e-9) for number in range(4))
    answers = by_domain(networks, torch.full((len(domain), 1), -1.0), torch.tensor(domain))
    torch.testing.assert_close(answers[:, 0], torch.tensor(domain, dtype=torch.float))


def test_cogan_asks_for_domains_and_pairs_by_the_seed():
    images, labels = domains()
    with pytest.raises(ValueError, match="no classes, which are the domains"):
        gl.CoGAN(steps=2).fit(images)
    with pytest.raises(ValueError, match="unshared_stages=5 would leave nothing to share"):
        gl.CoGAN(steps=2, unshared_stages=5).fit(images, labels)
    model = gl.CoGAN(size="tiny", steps=20, batch_size=32).fit(images, labels)
    pairs = model.panels(gl.open_data(images))[0]
    assert pairs.rows == ("bright", "dark")
    np.testing.assert_array_equal(pairs.values[:4], model.sample(4, seed=0, label="bright"))
    np.testing.assert_array_equal(pairs.values[12:16], model.sample(4, seed=0, label="dark"))


def test_discriminate_at_the_command_line(tmp_path):
    genlearn(
        "fit", "gan", "digits", "--size", "tiny", "--steps", "20", "--out", "run", cwd=tmp_path
    )
    done = genlearn("discriminate", "run", "digits", "--out", "answers.csv", cwd=tmp_path)
    assert done.stdout.startswith("D = 0.")
    lines = (tmp_path / "answers.csv").read_text().splitlines()
    assert lines[0] == "belief"
    assert all(0 <= float(line) <= 1 for line in lines[1:])
    genlearn("fit", "ppca", "digits", "--out", "other", cwd=tmp_path)
    refused = genlearn("discriminate", "other", "digits", cwd=tmp_path, check=False)
    assert refused.returncode == 2
    assert "which is not one that discriminates" in refused.stderr


@pytest.mark.parametrize(("augment", "changes"), [("auto", True), ("off", False)])
def test_a_small_set_is_changed_as_far_as_the_discriminator_overfits(augment, changes):
    """Six images are learned by heart at once."""
    model = gl.DCGAN(size="tiny", steps=80, batch_size=32, augment=augment).fit(blobs(6))
    assert (float(model.networks_["ada_p"].value) > 0.02) is changes


def test_rows_are_never_changed():
    model = small("r3gan", augment="on").fit(gaussian_table())
    assert float(model.networks_["ada_p"].value) == 0


def test_the_penalty_falls_and_counts_each_number():
    model = gl.R3GAN(gamma=0.5, gamma_end_factor=0.2)
    model.spec_ = gl.open_data(gaussian_table()).spec
    found = []
    for progress in (0.0, 0.5, 1.0):
        model.on_step_start(progress)
        found.append(model.gamma_)
    np.testing.assert_allclose(found, np.array([0.5, 0.3, 0.1]) * 6)

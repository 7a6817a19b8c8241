"""A student generates in one pass what its teacher takes many for, and is complete without it."""

import shutil

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions
from genlearn.prob.diffusion.schedules import LinearSchedule


@pytest.fixture(scope="module")
def table():
    """Three correlated columns of unequal scales."""
    return gaussian_table(4000, 3, seed=2)


@pytest.fixture(scope="module")
def taught(table, tmp_path_factory):
    """The run of a teacher of the table."""
    run = tmp_path_factory.mktemp("taught") / "edm"
    small("edm", steps=300, batch_size=256, lr=1e-2, ema=0.99).fit(table).save(run)
    return run


def whitened(samples, table):
    """Mean and eigenvalues of the covariance of ``samples`` where those
    of ``table`` are 0 and 1."""
    inverse = np.linalg.inv(np.linalg.cholesky(np.cov(table, rowvar=False)))
    return inverse @ (samples.mean(0) - table.mean(0)), np.linalg.eigvalsh(
        inverse @ np.cov(samples, rowvar=False) @ inverse.T
    )


def test_one_pass_has_the_mean_and_the_covariance_of_gaussian_data(table, taught):
    student = small("distill", student_steps=1, steps=500, batch_size=128, teacher=str(taught)).fit(
        table
    )
    mean, spectrum = whitened(student.sample(4000, seed=0), table)
    assert abs(mean).max() < 0.1
    assert 0.7 < spectrum.min() <= spectrum.max() < 1.4


@pytest.mark.slow
def test_without_a_teacher_one_is_trained_first(table):
    samples = (
        small("distill", student_steps=1, steps=800, batch_size=128).fit(table).sample(4000, seed=0)
    )
    deviations = table.std(0)
    assert abs((samples.mean(0) - table.mean(0)) / deviations).max() < 0.1
    np.testing.assert_allclose(samples.std(0), deviations, rtol=0.2)


def test_a_student_takes_its_design_from_its_teacher_and_is_complete_without_it(
    table, taught, tmp_path
):
    shutil.copytree(taught, tmp_path / "teacher")
    student = small("distill", size="small", steps=5, teacher=str(tmp_path / "teacher")).fit(table)
    assert type(student.origin_).__name__ == "EDM"
    assert student.origin_.size == "tiny"
    student.save(tmp_path / "student")
    shutil.rmtree(tmp_path / "teacher")
    again = gl.load(tmp_path / "student")
    np.testing.assert_array_equal(again.sample(5, seed=1), student.sample(5, seed=1))
    again.save(tmp_path / "copy")


def test_a_student_starts_as_its_teachers_guess(table, taught):
    """Before it has learned anything, the student is the teacher's denoiser."""
    student = small("distill", steps=1, lr=1e-9, teacher=str(taught)).fit(table)
    teacher = gl.load(taught)
    own, theirs = (
        model.networks_[name].state_dict()
        for model, name in ((student, "student"), (teacher, "denoiser"))
    )
    assert all(np.allclose(own[key], theirs[key], atol=1e-6) for key in theirs)


def test_steps_are_one_to_four(table, taught):
    student = small("distill", steps=2, teacher=str(taught)).fit(table)
    assert student.sample(3, steps=4).shape == (3, 3)
    for steps, most in ((0, "at least 1"), (5, "at most 4")):
        with pytest.raises(ValueError, match=f"steps={steps} .* {most}"):
            student.sample(1, steps=steps)


def test_a_student_follows_its_teacher_guided(tmp_path):
    rows, classes = gaussian_table(60, 3), np.array(["a", "b"])[np.arange(60) % 2]
    run = str(tmp_path / "run")
    small("flow", condition="label", steps=2).fit(rows, classes).save(run)
    plain = small("distill", steps=1, teacher=run).fit(rows, classes)
    assert plain.teacher_guidance_ == 1
    student = small("distill", steps=1, teacher=run, teacher_guidance=2.0).fit(rows, classes)
    networks, y = student._networks, torch.zeros(4, dtype=torch.long)
    x_t, level = (
        torch.randn(4, 3, generator=torch.Generator().manual_seed(0)),
        LinearSchedule().level(0.5),
    )
    teacher = student.model_of("teacher").denoiser
    told, any_class = (teacher.posterior_mean(x_t, level, of) for of in (y, None))
    guided = networks.guided_teacher(y, student.teacher_guidance_).posterior_mean(x_t, level)
    torch.testing.assert_close(guided, 2 * told - any_class)
    free = networks.guided_teacher(None, 2.0).posterior_mean(x_t, level)
    torch.testing.assert_close(free, any_class)
    with pytest.raises(ValueError, match=r"teacher_guidance=2.0 was given, but neither classes"):
        small("distill", steps=1, teacher_guidance=2.0).fit(rows)


def test_a_teacher_that_is_not_there_is_told(table, tmp_path):
    with pytest.raises(ValueError, match=r"teacher='.*nowhere' was given; .* is not a run"):
        small("distill", teacher=str(tmp_path / "nowhere")).fit(table)


def test_a_teacher_that_is_no_diffusion_model_is_told(table, tmp_path):
    small("vae", steps=2).fit(table).save(tmp_path / "vae")
    with pytest.raises(
        ValueError, match="is a run of vae; a student learns from a diffusion model"
    ):
        small("distill", teacher=str(tmp_path / "vae")).fit(table)


@pytest.mark.parametrize("other", [gaussian_table(50, 4), blobs()])
def test_a_teacher_of_other_data_is_told(other, taught):
    with pytest.raises(ValueError, match="fit both on the same data"):
        small("distill", teacher=str(taught)).fit(other)


def test_a_teacher_of_other_classes_is_told(tmp_path):
    rows = gaussian_table(60, 3)
    small("flow", condition="label", steps=2).fit(
        rows, np.array(["a", "b"])[np.arange(60) % 2]
    ).save(tmp_path / "run")
    with pytest.raises(ValueError, match="knows the classes a, b"):
        small("distill", teacher=str(tmp_path / "run")).fit(
            rows, np.array(["a", "c"])[np.arange(60) % 2]
        )
    with pytest.raises(ValueError, match=r"classes|labels"):
        small("distill", teacher=str(tmp_path / "run")).fit(rows)


def test_a_student_killed_while_its_teacher_learned_goes_on_as_if_nothing_had_happened(
    table, tmp_path
):
    """The teacher is an average over all of its steps, so a run that goes on must have kept it."""
    options = RunOptions(keep_checkpoints=100)
    whole = (
        small("distill", steps=12)
        .fit(table, out=tmp_path / "run", options=options)
        .sample(4, seed=0)
    )
    for late in sorted((tmp_path / "run" / "state").glob("*"))[2:]:
        shutil.rmtree(late)
    again = (
        small("distill", steps=12)
        .fit(table, out=tmp_path / "run", options=options)
        .sample(4, seed=0)
    )
    np.testing.assert_array_equal(again, whole)

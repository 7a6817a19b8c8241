"""How long a training is: its progress is one curve, however often it is planned anew; a budget is
kept; a plan that was noted is followed."""

import json
import time
from itertools import pairwise

import pytest
import torch
from helpers import blobs, small, training
from hypothesis import given
from hypothesis import strategies as st

import genlearn as gl
from genlearn.data import open_data
from genlearn.engine.duration.budget import Budget
from genlearn.engine.duration.plan import OPEN, Plan, Revision
from genlearn.engine.optimizers.optim import learning_rate
from genlearn.engine.runs.run import Run
from genlearn.engine.trainer import Trainer

DATA = open_data(blobs(60))
times = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 500)), max_size=6)


@given(st.integers(1, 500), times)
def test_progress_rises_from_nothing_to_all_without_a_jump(steps, later):
    plan = Plan.of(steps)
    for after, left in later:
        step = min(plan.revisions[-1].step + after, plan.steps - 1)
        plan.revisions.append(Revision(step, step + left))
    done = [plan.progress(step) for step in range(plan.steps + 1)]
    assert done[0] == 0
    assert done[-1] == pytest.approx(1)
    assert all(a < b for a, b in pairwise(done))
    for now in plan.revisions[1:]:  # the past is as it was
        before = Plan([one for one in plan.revisions if one.step < now.step])
        if before.revisions and now.step <= before.steps:
            assert plan.progress(now.step) == pytest.approx(before.progress(now.step))


def test_a_plan_without_revisions_is_a_number_of_steps():
    plan = Plan.of(8)
    assert [plan.progress(step) for step in range(9)] == [step / 8 for step in range(9)]
    assert plan.to_json() == {"steps": 8}


@given(st.integers(1, 500), times)
def test_it_comes_back_from_the_manifest(steps, later):
    plan = Plan([Revision(0, steps), *(Revision(a, b, 2) for a, b in later)])
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@given(st.integers(1, 500), times, st.sampled_from([1, 32, 100]))
def test_examples_are_those_of_all_steps_before(steps, later, usual):
    starts = sorted(step for step, _ in later)
    plan = Plan(
        [
            Revision(0, steps),
            *(
                Revision(a, b, batch=c)
                for a, (_, b), c in zip(starts, later, (0, 32, 64, 7, 0, 128), strict=False)
            ),
        ]
    )
    taken = [plan.batch(step, usual) for step in range(60)]
    assert [plan.examples(step, usual) for step in range(61)] == [
        sum(taken[:step]) for step in range(61)
    ]


def test_the_rate_is_that_of_the_progress():
    model = gl.VAE(warmup=0.0)
    plan = Plan([Revision(0, 100), Revision(50, 60)])
    assert learning_rate(model, plan, 55) == pytest.approx(learning_rate(model, Plan.of(100), 75))


class Slower(Trainer):
    """A step takes ``pause`` seconds, and from the middle of the time on three times as long."""

    begun, took = 0.0, 0.02

    def _step(self, step):
        late = time.perf_counter() - self.begun > 1.5
        time.sleep(self.took * (3 if late else 1))
        super()._step(step)


@pytest.mark.parametrize("took", [0.05, 0.2, 0.6])
def test_a_budget_of_a_few_steps_comes_to_an_end(took):
    loop = training(small("vae", budget="1s"), DATA, Plan.of(OPEN), Slower)
    loop.begun, loop.took = time.perf_counter(), took
    Budget(loop, 1.0, loop.begun).train(lambda each: None)
    assert loop.state.step == loop.steps
    assert all(now.step < now.steps for now in loop.plan.revisions)


def test_a_slower_machine_gets_fewer_steps():
    loop = training(small("vae", budget="3s"), DATA, Plan.of(OPEN), Slower)
    loop.begun = time.perf_counter()
    heard = []
    Budget(loop, 3.0, loop.begun).train(lambda each: heard.append(loop.steps))
    assert loop.state.step == loop.steps < 0.9 * heard[0]
    assert loop.plan.progress(loop.steps) == pytest.approx(1)
    assert loop.plan.revisions[-1].steps > loop.plan.revisions[-1].step


@pytest.mark.parametrize("threads", [1, 2])
def test_a_training_that_goes_on_is_timed_anew(threads):
    loop = training(small("vae"), DATA, Plan.of(8), Slower)
    loop.begun = time.perf_counter()
    loop.advance(8)
    loop.plan.revisions.append(Revision(8, OPEN, restart=True))
    Budget(loop, 1.0, time.perf_counter(), threads).train(lambda each: None)
    assert loop.plan.first < 1.0 / loop.took
    assert loop.state.step == loop.steps > 8


class Contended(Trainer):
    """Beside another program: on two threads a step takes six times as long."""

    took = 0.0

    def _step(self, step):
        self.many = getattr(self, "many", 0) + (torch.get_num_threads() > 1)
        time.sleep(self.took * (6 if torch.get_num_threads() > 1 else 1))
        super()._step(step)


@pytest.mark.parametrize(("took", "tried"), [(0.001, 3 * 6), (0.06, 1)])
def test_threads_that_wait_for_one_another_are_left_after_few_steps(took, tried):
    loop = training(small("vae", budget="2s"), DATA, Plan.of(OPEN), Contended)
    loop.took = took
    Budget(loop, 2.0, time.perf_counter(), 2).train(lambda each: None)
    assert loop.plan.threads(loop.state.step) == 1
    assert loop.many <= tried < loop.state.step


class SlowlyShown(Trainer):
    """A preview takes a quarter of the time."""

    shown = 0

    def _preview(self):
        self.shown += 1
        time.sleep(0.5)


def test_previews_that_take_long_are_few_and_leave_the_time_to_the_steps():
    loop = training(small("vae", budget="2s"), DATA, Plan.of(OPEN), SlowlyShown)
    Budget(loop, 2.0, time.perf_counter()).train(lambda each: None)
    assert loop.shown == 1
    assert loop.state.step == loop.steps > 20


@pytest.mark.parametrize("size", [16, None])
def test_a_plan_that_was_noted_gives_the_same_weights(tmp_path, size):
    gl.VAE(size="tiny", batch_size=size, budget="2s").fit(blobs(60), out=tmp_path / "run")
    run = Run(tmp_path / "run")
    plan = Plan.from_json(run.manifest)
    assert len(plan.revisions) > 1
    loop = training(gl.VAE(size="tiny", batch_size=size, budget="2s"), DATA, plan, Trainer)
    loop.train()
    for key, value in gl.load(run.path).networks_.state_dict().items():
        assert torch.equal(value, loop.model.networks_.state_dict()[key]), key

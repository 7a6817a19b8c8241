"""A run that torchrun's processes share: they may be killed, and their number may change."""

import os
import signal
import subprocess
import sys
import time

import pytest
from safetensors.torch import load_file

pytestmark = pytest.mark.slow  # each process imports everything
FIT = ["--precision", "fp32", "--batch-size", "32", "--size", "tiny", "--save-every", "10"]
VAE, SHARDED = ("vae",), ("flow", "--fsdp", "yes")  # whose weights processes share out
PATIENCE_SECONDS = 120


def fit(model, out, processes, steps, restarts=0):
    """Begin to train the run ``out`` of a ``model`` by so many ``processes``."""
    name, *how = model
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--max-restarts={restarts}"]
    torchrun += [f"--nproc-per-node={processes}"]
    options = [*FIT, *how, "--steps", str(steps), "--out", str(out)]
    launched = torchrun if processes > 1 else ()
    return subprocess.Popen(
        [sys.executable, *launched, "-m", "genlearn", "fit", name, "digits", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def ended(started):
    said = started.communicate(timeout=PATIENCE_SECONDS)[0]
    assert started.returncode == 0, said


def saved(out, step, started):
    """Wait until the run has saved the state of ``step``, or a later one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not any(state.name >= f"{step:08d}" for state in (out / "state").glob("0*")):
        assert started.poll() is None, started.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.01)


def largest_difference(first, second):
    a, b = (load_file(out / "weights.safetensors") for out in (first, second))
    return max(float((a[name].float() - b[name].float()).abs().max()) for name in a)


def workers(parent):
    """The processes that torchrun has started, by its process number."""
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=True)
    return [int(pid) for pid in found.stdout.split()]


@pytest.mark.parametrize("model", [VAE, SHARDED], ids=["vae", "sharded flow"])
def test_one_of_two_is_killed_and_the_weights_are_as_undisturbed(model, tmp_path):
    ended(fit(model, tmp_path / "undisturbed", 2, 100))
    disturbed = fit(model, tmp_path / "disturbed", 2, 100, restarts=1)
    saved(tmp_path / "disturbed", 50, disturbed)
    os.kill(workers(disturbed.pid)[-1], signal.SIGKILL)
    ended(disturbed)
    assert largest_difference(tmp_path / "undisturbed", tmp_path / "disturbed") == 0


@pytest.mark.parametrize(("model", "steps"), [(VAE, 300), (SHARDED, 20)])
def test_a_run_goes_on_with_another_number_of_processes(model, steps, tmp_path):
    ended(fit(model, tmp_path / "one", 1, steps))
    for processes, step in ((1, steps // 6), (4, steps // 3)):
        begun = fit(model, tmp_path / "several", processes, steps)
        saved(tmp_path / "several", step, begun)
        begun.send_signal(signal.SIGTERM)
        begun.communicate(timeout=PATIENCE_SECONDS)
    ended(fit(model, tmp_path / "several", 2, steps))
    assert largest_difference(tmp_path / "one", tmp_path / "several") < 1e-6

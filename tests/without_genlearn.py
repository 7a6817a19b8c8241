"""Python in a process of its own where genlearn cannot be imported, and what it draws there."""

import subprocess
import sys

import numpy as np
import torch

from genlearn.core.seeding import seeded
from genlearn.export import export
from genlearn.export.pipeline import STEPS

# torchvision may be built for another torch
_ABSENT = """
import os, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "genlearn":
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
sys.modules["torchvision"] = None
"""
# executes the lines of each README in its folder
DRAW = """
for folder in sys.argv[1:]:
    os.chdir(folder)
    with open("README.md") as file:
        code = file.read().split("```python\\n")[1].split("```")[0]
    found = {}
    exec(code, found)
    found["np"].savez("found.npz", images=found["images"], values=found["values"])
"""


def run_without_genlearn(code, place, *arguments):
    """Run ``code``, which is kept in the folder ``place``."""
    file = place / "alone.py"
    file.write_text(f'{_ABSENT}{code}\nassert "genlearn" not in sys.modules\n')
    ended = subprocess.run(
        [sys.executable, file, *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def shaken(model):
    """``model`` with weights that make all of it matter."""
    with seeded(1), torch.no_grad():
        for weight in model.networks_.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    return model


def exported(models, place, code=DRAW, beside=lambda case, folder: None):
    """The folder of each of ``models`` in ``place``, after its README has been followed by ``code``
    in one process without genlearn; ``beside`` puts what that needs into it."""
    found = {case: place / str(number) for number, case in enumerate(models)}
    for case, folder in found.items():
        export(models[case], folder, "diffusers")
        beside(case, folder)
    run_without_genlearn(code, place, *found.values())
    return found


def assert_draws_the_same(model, folder):
    """What was found in ``folder`` are the images that ``model`` draws of the same noise."""
    parts = model.pipeline_parts(STEPS)
    noise = torch.randn(16, *parts.shape, generator=torch.Generator().manual_seed(0))
    label = torch.arange(16) % len(parts.classes) if parts.classes else None
    wanted = parts.draw(noise, label)
    with np.load(folder / "found.npz") as found:
        images, values = torch.from_numpy(found["images"]).movedim(-1, 1), found["values"]
    assert (images * 2 - 1 - wanted.clamp(-1, 1)).abs().max() < 1e-4
    assert wanted.std(0).mean() > 0.01  # images differ
    user = model.spec_.to_user(wanted)
    assert (values.dtype, values.shape) == (user.dtype, user.shape)
    # a number at the edge between two bytes may be rounded either way
    assert np.abs(values.astype(int) - user).max() <= 1
    assert (values != user).mean() < 1e-3

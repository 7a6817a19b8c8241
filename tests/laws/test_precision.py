"""Training computes in the precision that was asked for: no network is called past the trainer."""

import pytest
import torch
from helpers import examples_for, small, training

import genlearn as gl
from genlearn.core.estimator_types import GradientTrained
from genlearn.core.registry import find
from genlearn.data import open_data
from genlearn.engine.duration.plan import Plan


@pytest.mark.parametrize(
    "name", [name for name in gl.available() if issubclass(find(name), GradientTrained)]
)
def test_every_layer_with_weights_computes_in_mixed_precision(name):
    data = open_data(examples_for(name, 32))
    model = small(name, precision="bf16", batch_size=8, path_length=1.0, path_lazy=1, lazy=1)
    model.check_data(data.spec)
    loop = training(model, data, Plan.of(8))
    mixed = {}

    def look(layer, *_):
        mixed.setdefault(names[layer], set()).add(torch.is_autocast_enabled("cpu"))

    names = {layer: path for path, layer in model.networks_.named_modules() if "." in path}
    for layer in names:
        if any(True for _ in layer.parameters(recurse=False)):
            layer.register_forward_pre_hook(look)
    loop.advance(8)
    assert mixed
    assert not [path for path, how in mixed.items() if how != {True}]
    assert all(p.dtype == torch.float32 for p in loop.parameters["loss"])

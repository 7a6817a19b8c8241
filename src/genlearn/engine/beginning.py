"""The state in which a training begins: new networks, what is measured of the data, what another
run has learned, and where the weights lie."""

from __future__ import annotations

from torch import nn

from ..core.capabilities import DatasetProtocol
from ..core.estimator_types import GradientTrained
from ..core.seeding import seed_for, seeded
from .callbacks import Callback
from .hardware.device import to_device
from .hardware.distributed import Processes
from .hardware.layout import layout_of
from .optimizers.ema import average_of
from .optimizers.optim import optimizer
from .runs.checkpoint import State
from .runs.fine_tuning import Learned, Start


def beginning(
    model: GradientTrained,
    data: DatasetProtocol,
    fabric: Processes,
    start: Start | Learned | None,
    callback: Callback,
) -> State:
    """``model`` gets networks on the device of ``fabric``, with their optimisers and average;
    ``start`` is what they begin as, if it is not what they are built as."""
    with seeded(seed_for(model.seed, "build")):
        networks = nn.ModuleDict(model.build(data.spec))
    to_device(networks, data.spec, fabric.device)
    model.networks_ = networks
    with seeded(seed_for(model.seed, "measure")):
        model.fit_normalizer(data)
    if start:
        callback.tell(start.begin(model, networks, callback.warn))
    layout = layout_of(model, networks, fabric)
    average = average_of(model, layout.shard(networks), layout)
    moved = {"loss": networks, **networks}
    optimizers = {
        name: optimizer(model, name, network, layout)
        for name, network in moved.items()
        if any(p.requires_grad for p in network.parameters())
    }
    return State(networks, average, optimizers, layout=layout)

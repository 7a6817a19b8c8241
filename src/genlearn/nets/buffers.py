"""What is no weight and yet part of what was learned, saved, resumed and moved with the networks: a
tensor; and a document as one."""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import Tensor, nn

from ..core.disk.json_text import parse_json


class Buffer(nn.Module):
    """``value``, as it is at first."""

    value: Tensor

    def __init__(self, value: Tensor) -> None:
        super().__init__()
        self.register_buffer("value", value)


def json_to_tensor(document: dict[str, Any]) -> Tensor:
    """``document`` as JSON, by its bytes."""
    return torch.tensor(list(json.dumps(document).encode()), dtype=torch.uint8)


def tensor_to_json(text: Tensor) -> dict[str, Any]:
    """The document that was `json_to_tensor`."""
    return dict(parse_json(bytes(text.tolist())))

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


class Document(nn.Module):
    """What networks need to know that is no number, as the bytes of a text, in the buffer ``name``.
    One that is loaded may be of another length, such as that of a version whose models had other
    hyper-parameters."""

    def __init__(self, document: dict[str, Any], name: str = "text") -> None:
        super().__init__()
        self.name = name
        self.register_buffer(name, json_to_tensor(document))

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        found, ours = state_dict.get(prefix + self.name), self.get_buffer(self.name)
        if found is not None:
            setattr(self, self.name, ours.new_empty(found.shape))
        super()._load_from_state_dict(state_dict, prefix, *rest)


def json_to_tensor(document: dict[str, Any]) -> Tensor:
    """``document`` as JSON, by its bytes."""
    return torch.tensor(list(json.dumps(document).encode()), dtype=torch.uint8)


def tensor_to_json(text: Tensor) -> dict[str, Any]:
    """The document that was `json_to_tensor`."""
    return dict(parse_json(bytes(text.tolist())))

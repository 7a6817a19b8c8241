"""Documents among weights."""

import torch

from genlearn.nets.buffers import Document, tensor_to_json


def test_a_document_is_loaded_at_any_length():
    ours = torch.nn.ModuleDict({"about": Document({"width": 1, "compile": "auto"}, "value")})
    theirs = torch.nn.ModuleDict({"about": Document({"width": 2}, "value")})
    ours.load_state_dict(theirs.state_dict())
    assert tensor_to_json(ours["about"].value) == {"width": 2}
    assert theirs["about"].value.data_ptr() != ours["about"].value.data_ptr()

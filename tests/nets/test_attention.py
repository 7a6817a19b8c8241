"""Attention written out is torch's own."""

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from genlearn.nets.layers.attention import attend


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("tokens", [9, 200])
def test_it_agrees_with_the_fused_one_forward_and_backward(tokens, masked):
    generator = torch.Generator().manual_seed(tokens)
    exact = [torch.randn(3, 2, count, 16, generator=generator) for count in (20, tokens, tokens)]
    mask = (torch.arange(tokens) < tokens - 3)[None, None, None] if masked else None
    answers = []
    for of, kind in (
        (scaled_dot_product_attention, torch.float32),
        (attend, torch.float32),
        (attend, torch.bfloat16),
    ):
        parts = [part.detach().clone().to(kind).requires_grad_() for part in exact]
        y = of(*parts, mask)
        (y.float() * torch.arange(16)).sum().backward()
        answers.append([y, *(part.grad for part in parts)])
        assert y.dtype == kind
    for wanted, same, close in zip(*answers, strict=True):
        torch.testing.assert_close(same, wanted)
        assert (close.float() - wanted).norm() < 0.02 * wanted.norm()

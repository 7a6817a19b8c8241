"""How a part is written for a runtime, and read again by it."""

from __future__ import annotations

import logging
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch._dynamo.exc import UserError as DynamoError
from torch._dynamo.exc import UserErrorType as DynamoErrorType
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

from ..core.capabilities import Graph
from ..core.errors import UserError

_MOST = 2**20  # examples in a batch


class Format(ABC):
    """Files of one kind. Raises `UserError` where a library is missing."""

    suffix: ClassVar[str]

    @abstractmethod
    def encode(self, graph: Graph) -> bytes:
        """The file of the part."""

    @abstractmethod
    def run(self, content: bytes, graph: Graph, inputs: Sequence[Tensor]) -> Tensor:
        """What a file gives for ``inputs``, in the order of those of ``graph``."""


class Torch(Format):
    """`torch.export` programs, which PyTorch runs without this package."""

    suffix = "pt2"

    def encode(self, graph: Graph) -> bytes:
        content = BytesIO()
        with _quiet():
            torch.export.save(program(graph), content)
        return content.getvalue()

    def run(self, content: bytes, graph: Graph, inputs: Sequence[Tensor]) -> Tensor:
        with _quiet(), torch.no_grad():
            found: Tensor = torch.export.load(BytesIO(content)).module()(*inputs)
        return found


class ONNX(Format):
    """ONNX files, for onnxruntime and others."""

    suffix = "onnx"

    def __init__(self) -> None:
        for name in ("onnx", "onnxscript", "onnxruntime"):
            _library(name)

    def encode(self, graph: Graph) -> bytes:
        with _quiet():
            made: Any = torch.onnx.export(
                program(graph),
                input_names=list(graph.inputs),
                output_names=[graph.output],
                dynamo=True,
                verbose=False,
            )
            content: bytes = made.model_proto.SerializeToString()
        return content

    def run(self, content: bytes, graph: Graph, inputs: Sequence[Tensor]) -> Tensor:
        session = _library("onnxruntime").InferenceSession(
            content, providers=["CPUExecutionProvider"]
        )
        named = {key: value.numpy() for key, value in zip(graph.inputs, inputs, strict=True)}
        return torch.from_numpy(session.run(None, named)[0])


FORMATS: dict[str, type[Format]] = {"onnx": ONNX, "torch": Torch}


def program(graph: Graph) -> torch.export.ExportedProgram:
    """The part, followed with a batch of any size. Raises `UserError` where what it does depends on
    the numbers that it sees."""
    inputs = tuple(graph.inputs.values())
    batch = torch.export.Dim("batch", min=1, max=_MOST)
    shapes = (tuple({0: batch} for _ in inputs),)
    try:
        with torch.no_grad():
            return torch.export.export(graph.module, inputs, dynamic_shapes=shapes, strict=False)
    except GuardOnDataDependentSymNode:
        raise UserError(
            "its networks choose their way by the numbers that they see, which no exported file"
            " can; take another model"
        ) from None
    except DynamoError as error:
        if error.error_type != DynamoErrorType.CONSTRAINT_VIOLATION:
            raise
        raise UserError(
            "its networks ask how many examples are in a batch (those of network='unet2d' and"
            " 'autoencoder_kl' do), and an exported file takes any number; take another network, or"
            " --to diffusers"
        ) from None


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UserError(f"onnx needs the library {name}: pip install 'genlearn[onnx]'") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Inside, exporters keep what they have to say to developers to themselves."""
    loggers = [logging.getLogger(name) for name in ("torch", "torch.onnx", "onnxscript")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

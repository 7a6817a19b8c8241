r"""Models that others trained: a pipeline of the diffusers library, drawn from and judged like
every other model.

Nothing is learned here. ``genlearn fit pipeline DATA --source FOLDER`` notes where the pipeline
lies and what images of DATA look like, to which its own are brought; from then on `sample`,
`evaluate` and the scoreboard treat it as one of ours, with figures that compare.

**Read, not executed.** Weights are taken from safetensors files alone, and classes from the library
alone: a pipeline that brings code of its own along, or pickled weights only, is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar, Unpack

import torch
import torch.nn.functional as F
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol, Samples
from ...core.errors import UserError, first_line
from ...core.estimator_types import ClosedForm
from ...core.options import PromptOptions, check_options
from ...core.params import param
from ...core.seeding import seed_for
from ...core.spec import DataSpec, ImageSpec
from ...foreign.huggingface import diffusers, download_snapshot, quiet, read_config
from ...nets.buffers import Buffer
from .._drawing import in_batches
from ..base import Estimator

_EXTRA = "'genlearn[diffusers]'"
_BATCH = 8  # images drawn at a time: such models are large


@dataclass(kw_only=True, eq=False, repr=False)
class Pipeline(ClosedForm, Estimator, Samples):
    r"""Foreign pipeline: x ~ p(x | prompt) of a model in diffusers' format, as it was trained
    elsewhere.

    ``source``: a folder as the library saves it, or an id of the Hugging Face hub; x: brought to
    the size and channels of the data that was given.
    """

    use: ClassVar[str] = "A model trained elsewhere, under the same commands and judges."
    takes: ClassVar[str] = "no time"

    sampling_options: ClassVar[type[PromptOptions]] = PromptOptions
    previews: ClassVar[int] = 0  # each may take minutes

    source: str | None = param(
        None,
        "folder of a diffusers pipeline, or an id of the Hugging Face hub, such as"
        " google/ddpm-cat-256",
    )
    sampling_steps: int | None = param(
        None, "steps of a sample (default: as many as the pipeline takes by itself)", low=1
    )
    guidance: float | None = param(
        None, "how far to exaggerate a prompt (default: as the pipeline does by itself)", low=0
    )

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for a pipeline that is not there or brings code along, and for what is
        no image."""
        if self.source is None:
            raise UserError(
                "a pipeline needs source=, the folder of a diffusers pipeline or an id of the"
                " Hugging Face hub"
            )
        if not isinstance(spec, ImageSpec):
            raise UserError(
                f"examples of shape {spec.user_shape} are no images, and pipelines draw nothing"
                " else"
            )
        _load_pipeline(self.source)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {"learned": Buffer(torch.zeros(1))}  # which is nothing

    def estimate(self, data: DatasetProtocol) -> None:
        """There is nothing to estimate."""

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[PromptOptions],
    ) -> Array:
        """``n`` new images in the user's units, number ``start`` and on of the stream named by
        ``seed`` (default: the model's).

        ``prompt``: what they show, or several, in turn (default: nothing in particular);
        ``negative``: what guidance leads away from; ``guidance`` and ``steps``: by default the
        model's. Raises `UserError` for classes, for steps below 1, and for what this pipeline does
        not take.
        """
        check_is_fitted(self)
        check_options(options, self.sampling_options, type(self).__name__)
        steps, guidance = options.get("steps"), options.get("guidance")
        pipeline = _load_pipeline(str(self.source))
        known = _arguments(pipeline)
        strength = self.guidance if guidance is None else guidance
        asked = {
            "prompt": options.get("prompt"),
            "negative_prompt": options.get("negative"),
            "guidance_scale": strength,
            "num_inference_steps": steps or self.sampling_steps,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        unknown = next((name for name in given if name not in known), None)
        if unknown is not None:
            raise UserError(
                f"{unknown.removesuffix('_prompt')}={given[unknown]!r} was given;"
                f" {type(pipeline).__name__} of {self.source} takes none"
            )
        return in_batches(
            self, n, seed, start, partial(self.sample_batch, given=given, pipeline=pipeline)
        )

    @property
    def text_conditioned_(self) -> bool:
        return "prompt" in _arguments(_load_pipeline(str(self.source)))

    def sample_batch(
        self, n: int, seed: int, start: int, given: dict[str, Any], pipeline: Any
    ) -> Array:
        parts = [
            self._sample_together(min(_BATCH, n - i), seed, start + i, given, pipeline)
            for i in range(0, n, _BATCH)
        ]
        return self.spec_.to_user(torch.cat(parts))

    def _sample_together(
        self, n: int, seed: int, start: int, given: dict[str, Any], pipeline: Any
    ) -> Tensor:
        """Images inside, each from a generator of its own, so that it depends on its number
        alone."""
        noises = [
            torch.Generator().manual_seed(seed_for(seed, "image", number))
            for number in range(start, start + n)
        ]
        how = {"generator": noises, "output_type": "np"} | given
        if "prompt" in _arguments(pipeline):
            asked = given.get("prompt", "")
            texts = [asked] if isinstance(asked, str) else list(asked)
            how["prompt"] = [texts[number % len(texts)] for number in range(start, start + n)]
            how |= (
                {"negative_prompt": [given["negative_prompt"]] * n}
                if "negative_prompt" in given
                else {}
            )
        else:
            how["batch_size"] = n
        with quiet(), torch.inference_mode():
            images = torch.as_tensor(pipeline.to(self.device_)(**how).images).float()
        return _conform(images.movedim(-1, 1) * 2 - 1, self.spec_.shape)


def _arguments(pipeline: Any) -> Mapping[str, Any]:
    """What the pipeline takes."""
    return inspect.signature(pipeline.__call__).parameters


def _conform(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """(B, c, h, w) -> (B, *shape): grey from the mean of colours or the other way about, and
    resized."""
    if x.shape[1] != shape[0]:
        x = x.mean(1, keepdim=True).expand(-1, shape[0], -1, -1)
    smaller = x.shape[2] > shape[1]
    return (
        x
        if x.shape[2:] == shape[1:]
        else F.interpolate(x, shape[1:], mode="area" if smaller else "bilinear")
    )


@lru_cache(maxsize=1)
def _load_pipeline(source: str) -> Any:
    """The pipeline of ``source``. Raises `UserError` where it cannot be read, or would have to
    execute code that came with it."""
    with diffusers(_EXTRA) as library:
        folder = _folder(source)
        _check_index(folder)
        how = {
            "use_safetensors": True,
            "local_files_only": True,
            "trust_remote_code": False,
            "low_cpu_mem_usage": False,
        }
        try:
            with quiet():
                pipeline = library.DiffusionPipeline.from_pretrained(folder, **how)
        except Exception as error:
            raise UserError(
                f"{source} could not be read as a diffusers pipeline of safetensors"
                f" ({first_line(error)})"
            ) from None
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _folder(source: str) -> Path:
    """Where the pipeline lies, fetched if it is of the hub. Raises `UserError` where it cannot be
    had."""
    folder = Path(source)
    if folder.is_dir():
        return folder
    if "/" not in source or source.startswith((".", "/", "~")):
        raise UserError(
            f"source={source!r} is neither a folder nor an id of the Hugging Face hub, such as"
            " google/ddpm-cat-256"
        )
    return download_snapshot(source)


def _check_index(folder: Path) -> None:
    """Raise `UserError` for parts that are not of the libraries, and for code beside them."""
    code = next(folder.rglob("*.py"), None)
    if code is not None:
        raise UserError(
            f"{folder} brings code along ({code.relative_to(folder)}), which is not executed; take"
            " the file away if the pipeline does without it"
        )
    index = read_config(folder / "model_index.json")
    parts = {
        name: part
        for name, part in index.items()
        if not name.startswith("_") and isinstance(part, list) and part[0]
    }
    foreign = {
        name: part[0]
        for name, part in parts.items()
        if part[0] not in ("diffusers", "transformers")
    }
    if foreign or not isinstance(index.get("_class_name"), str):
        what = (
            ", ".join(f"{name} of {module}" for name, module in foreign.items())
            or "a class of its own"
        )
        raise UserError(
            f"{folder} brings code along ({what}), which is not executed; only parts of diffusers"
            " and transformers are read"
        )

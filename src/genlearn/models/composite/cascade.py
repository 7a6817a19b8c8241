r"""A cascade: a small image is drawn first, and enlarged stage by stage.

What an image shows is settled at a low resolution, where a network sees all of it at once and a
step costs little; what is left is detail, which is a matter of small neighbourhoods, and a stage of
super-resolution draws it given the small image:

    p(x) = p(x_0) p(x_1 | x_0) p(x_2 | x_1) ...,    x_k twice as high and wide as x_(k-1).

**Separately.** Each stage learns from the data alone, shrunk to its size, so that all could be
trained at the same time. What a stage is given in the end are samples of the one before, which it
has never seen; noise on its small images, in training and after, keeps it from relying on more than
samples get right (`upscale`). What tables and small images are, is a cascade without further
stages: its base.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack, cast

from sklearn.utils.validation import check_is_fitted

from ...core.capabilities import Array, DatasetProtocol, InterpolatesPrompts, Samples, SuperResolves
from ...core.options import CascadeOptions, EnlargingOptions, check_options
from ...core.params import param
from ...core.spec import DataSpec, ImageSpec
from ...data import Dataset, open_data
from ...data.downsample import downsample_dataset, downsampled_spec
from ..diffusion._diffusion import DiffusionModel
from ..diffusion.upscale import Upscale
from ._composite import NO_DIFFUSION, CompositeModel

_BASE, _SMALL = "base", 32  # the smaller side of the base's images is at most this, by default


@dataclass(kw_only=True, eq=False, repr=False)
class Cascade(CompositeModel, Samples, SuperResolves, InterpolatesPrompts):
    r"""Cascade of diffusion models: x_0 by a base, x_k given x_(k-1) by a stage of super-resolution
    each.

    Ho et al. 2021, "Cascaded diffusion models for high fidelity image generation", arXiv
    2106.15282; Saharia et al. 2022, "Photorealistic text-to-image diffusion models with deep
    language understanding" (Imagen), arXiv 2205.11487.

    x_K: the data, K = ``stages``; x_(k-1): x_k shrunk by the stage's factor. All are told classes
    or captions where there are any.
    """

    use: ClassVar[str] = "Images from 64 pixels on: a small one first, then enlarged in stages."
    takes: ClassVar[str] = "20 minutes"

    chained: ClassVar[bool] = False
    sampling_options: ClassVar[type[CascadeOptions]] = CascadeOptions

    base: str = param(
        "flow", "diffusion model of the smallest images, and settings as in: edm width=64"
    )
    stage: str = param(
        "upscale", "model that enlarges, and settings as in: upscale factor=4 width=32"
    )
    stages: int | None = param(
        None,
        "how often images are enlarged (default: until the base's are at most 32 high or wide)",
        low=0,
        high=6,
    )
    base_share: float = param(
        0.5, "share of the training that the base gets, where there are stages", low=0.01, high=0.99
    )

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for parts that are not what they should be, for more stages than images
        can be shrunk, and for what is no image."""
        specs = self._specs(spec)
        self._base(len(specs)).check_data(specs[0])
        for above in specs[1:]:
            self._stage(len(specs)).check_data(above)

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``specs_`` are the images of all stages, the smallest first."""
        self.specs_ = self._specs(spec)
        self.small_spec_ = self.specs_[0]

    @property
    def shares_(self) -> dict[str, float]:
        return dict(zip(_names(self.specs_), self._split(len(self.specs_)), strict=True))

    def parts(self, data: DatasetProtocol) -> Iterator[tuple[str, Any, DatasetProtocol]]:
        assert isinstance(data, Dataset)
        count = len(self.specs_)
        for name, spec in zip(_names(self.specs_), self.specs_, strict=True):
            model = self._base(count) if name == _BASE else self._stage(count)
            yield (
                name,
                model,
                (
                    data
                    if spec == data.spec or not isinstance(spec, ImageSpec)
                    else downsample_dataset(data, spec)
                ),
            )

    def part_validation(self, name: str, data: DatasetProtocol, spec: DataSpec) -> DatasetProtocol:
        assert isinstance(data, Dataset)
        if spec.shape == data.spec.shape or not isinstance(spec, ImageSpec):
            return data
        return downsample_dataset(data, spec)

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[CascadeOptions],
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by
        ``seed`` (default: the model's).

        ``steps``: of every stage (default: each one's own); all else as in `sample` of a diffusion
        model, told to every stage; ``init``: large images whose small versions the base starts
        from. Raises `UserError` for what the base does not take.
        """
        check_is_fitted(self)
        check_options(options, self.sampling_options, type(self).__name__)
        shared = cast(
            EnlargingOptions,
            {key: value for key, value in options.items() if key not in ("init", "strength")},
        )
        if options.get("init") is not None:
            options["init"] = self.shrink(options["init"])
        seed = self.seed if seed is None else seed
        return self._enlarged(
            self.base_.sample(n, seed=seed, start=start, **options), seed, start, shared
        )

    def interpolate_prompts(
        self,
        a: str,
        b: str,
        n: int = 8,
        *,
        seed: int | None = None,
        steps: int | None = None,
        guidance: float | None = None,
    ) -> Array:
        """The base's examples between two prompts, enlarged; stages are told the prompt that is
        nearer."""
        check_is_fitted(self)
        seed = self.seed if seed is None else seed
        x = self.base_.interpolate_prompts(a, b, n, seed=seed, steps=steps, guidance=guidance)
        nearer = [a if number < n / 2 else b for number in range(n)]
        return self._enlarged(x, seed, 0, {"steps": steps, "guidance": guidance, "prompt": nearer})

    def enlarge(
        self,
        X: Any,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[EnlargingOptions],
    ) -> Array:
        """Large images of small ones, which are of the size of the base's; all else as in `sample`.
        Raises `UserError` for another size."""
        check_is_fitted(self)
        values = open_data(X, like=self.small_spec_).values
        return self._enlarged(values, self.seed if seed is None else seed, start, options)

    @property
    def text_conditioned_(self) -> bool:
        return self.base_.text_conditioned_

    @property
    def base_(self) -> DiffusionModel:
        """The model of the smallest images, a fitted model of its own."""
        base: DiffusionModel = self.parts_[_BASE]
        return base

    @property
    def stages_(self) -> list[Upscale]:
        """The models that enlarge, in order, each a fitted model of its own."""
        return [part for name, part in self.parts_.items() if name != _BASE]

    def _enlarged(self, x: Array, seed: int, start: int, options: EnlargingOptions) -> Array:
        for stage in self.stages_:
            x = stage.enlarge(x, seed=seed, start=start, **options)
        return x

    def shrink(self, X: Any) -> Array:
        """Large images as the base's."""
        data, spec = open_data(X, like=self.spec_), self.small_spec_
        return downsample_dataset(data, spec).values if isinstance(spec, ImageSpec) else data.values

    def _specs(self, spec: DataSpec) -> list[DataSpec]:
        """What the data looks like at all stages, the smallest first."""
        factor, stages = self._stage(2).factor, self.stages
        if stages is None:
            side, stages = min(spec.shape[1:]) if isinstance(spec, ImageSpec) else 0, 0
            while side > _SMALL:
                side, stages = side // factor, stages + 1
        specs = [spec]
        for _ in range(stages):
            specs.insert(0, downsampled_spec(specs[0], factor))
        return specs

    def _split(self, count: int) -> list[float]:
        """The share of each of ``count`` parts."""
        return (
            [1.0]
            if count == 1
            else [self.base_share, *[(1 - self.base_share) / (count - 1)] * (count - 1)]
        )

    def _base(self, count: int) -> DiffusionModel:
        return self.create_part(
            self.base, "a base", self._split(count)[0], DiffusionModel, NO_DIFFUSION
        )

    def _stage(self, count: int) -> Upscale:
        return self.create_part(
            self.stage, "a stage", self._split(count)[-1], Upscale, "enlarges nothing: take upscale"
        )


def _names(specs: list[DataSpec]) -> list[str]:
    return [_BASE, *(f"{spec.shape[1]}x{spec.shape[2]}" for spec in specs[1:])]

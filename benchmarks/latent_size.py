"""Latent size against quality on MNIST: how much of a digit survives the way through a code of 2,
5, 10, 20 and 50 numbers.

An autoencoder and a VAE of each size, all with the same number of steps, beside PCA of the same
size, which is the best that linear coders can do. The error is that of 10,000 test images, the
range of a pixel being 1. For the VAE also how many of its latents are in use: those that do not pay
for themselves collapse to the prior. The picture goes beside this file.

    GENLEARN_DATA=... python benchmarks/latent_size.py [steps]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from common import HERE, report
from PIL import Image
from sklearn.decomposition import PCA

import genlearn as gl
from genlearn.evaluate.probes import latent_statistics, reconstruction

SIZES = (2, 5, 10, 20, 50)
STEPS = 700
HYPER: dict[str, Any] = {"size": "tiny", "lr": 4e-3, "warmup": 0.1}
SHOWN = (3, 2, 1, 18, 4, 8)  # test images of 0, 1, 2, 3, 4, 5
COLOURS = {"PCA": "#6b6b6b", "autoencoder": "#0072b2", "VAE": "#d55e00"}  # Okabe & Ito
Images = np.ndarray[Any, Any]


def pca(train: Any, test: Any, size: int) -> tuple[dict[str, float], Images]:
    """Errors of PCA, and its reconstructions of the images to show."""
    flat = [data.user(slice(None)).reshape(len(data), -1) / 255 for data in (train, test)]
    model = PCA(size, svd_solver="covariance_eigh").fit(flat[0])
    copies = model.inverse_transform(model.transform(flat[1]))
    each = float(np.square(copies - flat[1]).mean())
    shown = copies[list(SHOWN)].clip(0, 1).reshape(-1, 28, 28) * 255
    return {"per_number": each, "summed": each * test.spec.dim}, shown


def learned(model: Any, train: Any, test: Any) -> tuple[dict[str, Any], Images]:
    model.fit(train)
    each = reconstruction.figures(model, test)["reconstruction"].value
    active = latent_statistics.figures(model.encode(test.values[:2000]))["active_units"].value
    return {
        "per_number": each,
        "summed": each * test.spec.dim,
        "active": active,
    }, model.reconstruct(test.user(np.array(SHOWN)))


def draw(
    errors: dict[str, list[float]], strips: dict[str, list[Images]], originals: Images
) -> None:
    import matplotlib.pyplot as plt

    plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
    figure = plt.figure(figsize=(8, 6.3), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.1, 1))
    curves(top.subplots(), errors)
    for axes, (name, images) in zip(bottom.subplots(1, len(strips)), strips.items(), strict=True):
        axes.imshow(
            np.block([[*part] for part in [originals, *images]]), cmap="gray_r", vmin=0, vmax=255
        )
        axes.set(
            xticks=[], yticks=28 * np.arange(len(SIZES) + 1) + 14, yticklabels=["data", *SIZES]
        )
        axes.set_title(name, color=COLOURS[name])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    figure.savefig(HERE / "latent_size.png", dpi=100)
    Image.open(HERE / "latent_size.png").convert("RGB").quantize(
        128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    ).save(HERE / "latent_size.png", optimize=True)


def curves(axes: Any, errors: dict[str, list[float]]) -> None:
    """Error against size, each curve labelled where it runs alone: (point, offset, alignment)."""
    places = {
        "PCA": (2, (8, 6), "left"),
        "autoencoder": (1, (-8, -10), "right"),
        "VAE": (0, (8, 4), "left"),
    }
    for name, values in errors.items():
        point, offset, side = places[name]
        axes.plot(range(len(SIZES)), values, "o-", color=COLOURS[name], markersize=4)
        axes.annotate(
            name,
            (point, values[point]),
            offset,
            textcoords="offset points",
            ha=side,
            color=COLOURS[name],
        )
    axes.set(
        xticks=range(len(SIZES)),
        xticklabels=SIZES,
        xlabel="numbers in the code",
        ylabel="squared error per pixel",
        ylim=(0, None),
    )


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    train, test = (gl.open_data("mnist", split=split) for split in ("train", "test"))
    rows, strips = [], {name: [] for name in COLOURS}
    for size in SIZES:
        models = {"autoencoder": gl.Autoencoder, "VAE": gl.VAE}
        results = {"PCA": pca(train, test, size)}
        results |= {
            name: learned(kind(latent_dim=size, steps=steps, **HYPER), train, test)
            for name, kind in models.items()
        }
        row: dict[str, Any] = {"latents": size}
        for name, (errors, images) in results.items():
            row |= {
                f"{name}, per pixel": round(errors["per_number"], 5),
                f"{name}, summed": round(errors["summed"], 2),
            }
            strips[name].append(images)
        rows.append({**row, "VAE, active": results["VAE"][0]["active"]})
        print(rows[-1], file=sys.stderr, flush=True)
    draw(
        {name: [row[f"{name}, per pixel"] for row in rows] for name in COLOURS},
        strips,
        test.user(np.array(SHOWN)),
    )
    report("latent_size", rows, steps=steps, hyper=HYPER)


if __name__ == "__main__":
    main()

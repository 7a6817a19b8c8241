"""Compression by models of a few minutes, an autoencoder and for photos VAEs: lossless bytes
against PNG and WebP, and the error at equal bytes against JPEG, WebP and principal components, on
test images.

Every format has a file for each image; `genlearn compress` has one for all, its head included. JPEG
is counted as its files are, and without what is the same in each of them (tables and headers).
Principal components of the same training images are rounded and coded as our codes are. The error
of other formats at as many bytes as ours is read off between their settings, on logarithmic scales.

OMP_NUM_THREADS=1 python benchmarks/compression.py [mnist] [cifar10]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import numpy as np
from common import HERE, report
from PIL import Image
from sklearn.decomposition import PCA

import genlearn as gl
from genlearn.compression import compress_lossless, compress_lossy, decompress, unpack
from genlearn.compression.codes import to_bytes
from genlearn.compression.images import Images, plain_kind
from genlearn.compression.measure import encoded
from genlearn.compression.streams import encode

SETTINGS: dict[str, dict[str, Any]] = {
    "mnist": {"latent_dim": 64, "steps": 1000},
    "cifar10": {"latent_dim": 192, "steps": 1000, "size": "tiny", "batch_size": 64},
}
# for photos a VAE too: the weight of its divergence decides for which rate its codes are best
VAES: dict[str, dict[str, dict[str, Any]]] = {
    "mnist": {},
    "cifar10": {
        f"vae, beta {beta:g}": {"latent_dim": latents, "beta": beta, "steps": steps}
        | {"size": "tiny", "batch_size": 64}
        for beta, latents, steps in ((4.0, 96, 1500), (1.0, 192, 1000), (0.25, 256, 1500))
    },
}
IMAGES = {"mnist": 1000, "cifar10": 500}
LOSSY = 250  # images
QUALITIES = (0, 5, 10, 15, 25, 35, 50)
OWN_FILE = {"JPEG": (1, 2, 5, 10, 20, 30, 50, 70), "WEBP": (0, 5, 15, 30, 50, 70)}
PCA_ERRORS, PCA_EXAMPLES = (12000.0, 6000.0, 3000.0, 1500.0, 700.0, 300.0, 100.0, 30.0), 10_000
RIFF = 20  # bytes that begin each WebP file
Curve = list[tuple[float, float]]  # bytes an image, mean squared error


def lossless(name: str, model: Any, pixels: Any) -> dict[str, Any]:
    images = Images(pixels, [], plain_kind(model.spec_))
    start = time.process_time()
    made = compress_lossless(model, images)
    between = time.process_time()
    back = decompress(model, *unpack(made.content)).pixels
    webp = [encoded(x, "WEBP", lossless=True, quality=100, method=6) for x in pixels]
    png = sum(len(encoded(x, "PNG", optimize=True)) for x in pixels)
    return {
        "images": name,
        "equal": f"{int((back == pixels).all((1, 2, 3)).sum())} of {len(pixels)}",
        "bytes": len(made.content),
        "of codes": made.codes,
        "PNG": png,
        "WebP lossless": sum(map(len, webp)),
        "bits per value": 8 * len(made.content) / pixels.size,
        "model's weights, bytes": sum(p.numel() * 4 for p in model.networks_.parameters()),
        "CPU seconds in": between - start,
        "CPU seconds out": time.process_time() - between,
    }


def lossy(name: str, by: str, model: Any, pixels: Any, learned: Any) -> Iterator[dict[str, Any]]:
    values = pixels.reshape(-1, *model.spec_.user_shape)
    images = Images(values, [], plain_kind(model.spec_))
    others = {
        "JPEG": own_files(pixels, "JPEG", len),
        "JPEG without tables": own_files(pixels, "JPEG", scan_bytes),
        "WebP": own_files(pixels, "WEBP", lambda content: len(content) - RIFF),
        "PCA": components(pixels, learned),
    }
    for quality in QUALITIES:
        made = compress_lossy(model, images, quality)
        back = decompress(model, *unpack(made.content)).pixels.reshape(pixels.shape)
        size, error = len(made.content) / len(pixels), squared_error(back, pixels)
        row = {"images": name, "by": by, "quality": quality, "bytes an image": size, "error": error}
        yield row | {other: at(curve, size) for other, curve in others.items()}


def own_files(pixels: Any, form: str, size: Callable[[bytes], int]) -> Curve:
    curve = []
    for quality in OWN_FILE[form]:
        made = [encoded(x, form, quality=quality) for x in pixels]
        mode = "L" if pixels.shape[-1] == 1 else "RGB"
        back = [np.asarray(Image.open(BytesIO(content)).convert(mode)) for content in made]
        error = squared_error(np.stack(back).reshape(pixels.shape), pixels)
        curve.append((float(np.mean([size(content) for content in made])), error))
    return curve


def scan_bytes(content: bytes) -> int:
    """Of a JPEG file, those that differ between images: behind the head of the scan."""
    scan = content.index(b"\xff\xda")
    return len(content) - (scan + 2 + int.from_bytes(content[scan + 2 : scan + 4], "big")) - 2


def components(pixels: Any, learned: Any) -> Curve:
    flat = pixels.reshape(len(pixels), -1)
    axes = PCA(min(400, flat.shape[1]), random_state=0).fit(learned.reshape(len(learned), -1))
    curve = []
    for error in PCA_ERRORS:
        step = np.sqrt(12 * error)
        kept = axes.explained_variance_ > step**2 / 12  # the others are rounded to zero
        k = np.rint(axes.transform(flat) / step).astype(np.int64)[:, kept]
        content, checks = encode(to_bytes(k[:, None]), to_bytes(np.zeros_like(k[:, None])))
        back = (k * step) @ axes.components_[kept] + axes.mean_
        size = (len(content) + len(checks)) / len(pixels)
        curve.append(
            (size, squared_error(np.rint(back).clip(0, 255).reshape(pixels.shape), pixels))
        )
    return curve


def at(curve: Curve, size: float) -> str:
    """The error at so many bytes an image, or the least bytes that there are."""
    sizes, errors = np.array(sorted(curve)).T
    if size < sizes[0]:
        return f"{errors[0]:.0f} (at {sizes[0]:.0f} bytes)"
    return f"{np.exp(np.interp(np.log(size), np.log(sizes), np.log(errors))):.0f}"


def squared_error(a: Any, b: Any) -> float:
    return float(np.mean((a.astype(np.float64) - b) ** 2))


def main(names: list[str]) -> None:
    exact, coarse = [], []
    for name in names:
        train, test = (gl.open_data(name, split=split) for split in ("train", "test"))
        model = gl.create("autoencoder", **SETTINGS[name])
        model.fit(name, out=HERE / "out" / f"compression-{name}", progress=True)
        channels, height, width = model.spec_.shape
        pixels = test.user(slice(0, IMAGES[name])).reshape(-1, height, width, channels)
        learned = train.user(slice(0, PCA_EXAMPLES))
        coarse += list(lossy(name, "autoencoder", model, pixels[:LOSSY], learned))
        exact.append(lossless(name, model, pixels))
        for by, settings in VAES[name].items():
            vae = gl.create("vae", **settings).fit(
                train, out=HERE / "out" / f"compression-{name}-{by}", progress=True
            )
            coarse += list(lossy(name, by, vae, pixels[:LOSSY], learned))
    report("compression", exact)
    report("compression-lossy", coarse)


if __name__ == "__main__":
    main(sys.argv[1:] or list(SETTINGS))

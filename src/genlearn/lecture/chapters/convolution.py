"""5. Convolution and its transpose, taken apart on one image.

A convolution of stride s slides a kernel K (k, k) over x and takes at each place the sum of
products; the transposed one lays K, times each number of its input, down at places s apart and adds
up. They are called so since, written as matrices, each is the transpose of the other (Dumoulin &
Visin 2016, arXiv 1603.07285).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...core.capabilities import Array
from ..chapter import Chapter, Drawn
from ..course import Course
from ..figures import Figure
from ..trainings.training import Training

_KERNELS = {
    "blur": np.full((3, 3), 1 / 9),
    "edges, upright": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float),
    "edges, level": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], float),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float),
}
_IMAGE = np.array([[3, 1, 0, 2], [0, 2, 1, 1], [1, 3, 2, 0], [2, 0, 1, 3]], float)
_KERNEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]], float)


def convolve(x: Array, kernel: Array, stride: int = 1) -> Array:
    """Sums of products of ``kernel`` (k, k) with each patch of ``x`` (h, w), as networks take
    them: not flipped."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[::stride, ::stride]
    return np.asarray((windows * kernel).sum((-2, -1)))


def transposed(x: Array, kernel: Array, stride: int = 1) -> Array:
    """Copies of ``kernel`` (k, k), one for each number of ``x`` (h, w), ``stride`` apart, added
    up."""
    (h, w), k = x.shape, len(kernel)
    out = np.zeros(((h - 1) * stride + k, (w - 1) * stride + k))
    for row, column in np.ndindex(h, w):
        top, left = row * stride, column * stride
        out[top : top + k, left : left + k] += x[row, column] * kernel
    return out


def trainings(course: Course) -> Iterator[Training]:
    """None: all is computed."""
    return iter(())


def unsuited(course: Course) -> str:
    """Why the data do not suit."""
    if not course.images:
        return "no_images"
    return "too_small" if min(course.spec.shape[1:]) < 6 else ""


def draw(course: Course) -> Drawn:
    """Kernels at work on an example; then each step of a convolution and of its transpose, and
    where strides leave a chequerboard."""
    image = _grey(course)
    filtered = [image, *(_framed(convolve(image, kernel)) for kernel in _KERNELS.values())]
    shown = [_pictures(course, "convolution_kernels", filtered)]
    revealed = [
        _steps(course),
        _transposed_steps(course),
        _overlaps(course),
    ]
    return Drawn(shown, revealed, {"kernels": "; ".join(_KERNELS)})


def _grey(course: Course) -> Array:
    """The first held-out example, its channels averaged, from 0 to 1."""
    rows = course.rows(course.held.take(slice(0, 1)))[0].reshape(course.spec.shape).mean(0)
    return np.asarray((rows - rows.min()) / max(float(np.ptp(rows)), 1e-9))


def _framed(image: Array) -> Array:
    """As large as before the convolution, from 0 to 1: 0 is the middle grey where there are
    negative numbers."""
    image = np.pad(image, 1)
    largest = max(float(np.abs(image).max()), 1e-9)
    return image / largest if image.min() >= 0 else 0.5 + image / (2 * largest)


def _pictures(course: Course, key: str, images: list[Array]) -> Figure:
    """Grey images from 0 to 1, in the user's units."""
    grey = np.stack(images)[:, None].repeat(course.spec.shape[0], 1) * 2 - 1
    values = course.user(grey.reshape(len(images), -1))
    return course.draw.examples(key, values, columns=len(images))


def _steps(course: Course) -> Figure:
    """A 3x3 kernel over 4x4 numbers: four places, four sums."""
    out = convolve(_IMAGE, _KERNEL)
    frames = []
    for number, (row, column) in enumerate(np.ndindex(*out.shape)):
        known = np.full(out.shape, np.nan)
        known.flat[: number + 1] = out.flat[: number + 1]
        patch = np.array([(row + i, column + j) for i in range(3) for j in range(3)])
        frames.append(
            course.draw.cells(
                "convolution_steps",
                {"input": _IMAGE, "kernel": _KERNEL, "output": known},
                {"input": patch, "output": np.array([(row, column)])},
            )
        )
    return course.draw.frames("convolution_steps", range(1, len(frames) + 1), frames)


def _transposed_steps(course: Course) -> Figure:
    """The way back to 4x4: each number lays down the kernel."""
    small, frames = convolve(_IMAGE, _KERNEL), []
    for number, (row, column) in enumerate(np.ndindex(*small.shape)):
        so_far = np.zeros_like(small)
        so_far.flat[: number + 1] = small.flat[: number + 1]
        patch = np.array([(row + i, column + j) for i in range(3) for j in range(3)])
        frames.append(
            course.draw.cells(
                "convolution_transposed",
                {"input": small, "kernel": _KERNEL, "output": transposed(so_far, _KERNEL)},
                {"input": np.array([(row, column)]), "output": patch},
            )
        )
    return course.draw.frames("convolution_transposed", range(1, len(frames) + 1), frames)


def _overlaps(course: Course) -> Figure:
    """How many copies of the kernel meet at each place, at stride 2, for kernels of 3 and of 4."""
    ones = np.ones((4, 4))
    grids = {f"kernel {k}": transposed(ones, np.ones((k, k)), 2) for k in (3, 4)}
    return course.draw.cells("convolution_overlaps", grids)


CHAPTER = Chapter(number=5, key="convolution", draw=draw, trainings=trainings, unsuited=unsuited)

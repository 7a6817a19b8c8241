"""The same numbers as an earlier commit? Every model, trained in both for a few steps, one seed.

python benchmarks/against_commit.py COMMIT [steps]

Prints, for each model that both have, by how much samples (seed 3), codes and log p(x) differ, and
the ratio of their training times: the two trainings run side by side, a core each, and so compare
on a busy machine too. A change that only moves code prints zeros, or the last bits.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
TRAIN = """
import sys, time
import numpy as np
import genlearn as gl

found = {}
for name in gl.available():
    model = gl.create(name)
    wanted = {"size": "tiny", "steps": int(sys.argv[2]), "condition": "none"}
    known = {key: value for key, value in wanted.items() if key in model.get_params()}
    try:
        start = time.perf_counter()
        model.set_params(**known).fit("digits")
        found[name + " seconds"] = time.perf_counter() - start
    except ValueError:
        continue
    rows = gl.open_data("digits").values[:8]
    for what, use in (
        ("samples", lambda: model.sample(16, seed=3)),
        ("codes", lambda: model.encode(rows)),
        ("log p(x)", lambda: model.score_samples(rows)),
    ):
        try:
            found[f"{name} {what}"] = np.asarray(use(), float)
        except AttributeError:
            pass
np.savez(sys.argv[1], **found)
"""


def main(commit: str, steps: str = "40") -> None:
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "old"
        add = ["git", "worktree", "add", "--quiet", "--detach", str(old), commit]
        subprocess.run(add, cwd=ROOT, check=True)
        try:
            report(*side_by_side([old / "src", ROOT / "src"], Path(folder), steps))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(old)], cwd=ROOT, check=True)


def side_by_side(sources: list[Path], folder: Path, steps: str) -> list[dict[str, np.ndarray]]:
    """What models of each of ``sources`` give."""
    files = [folder / f"{index}.npz" for index in range(len(sources))]
    running = []
    for source, file in zip(sources, files, strict=True):
        own = {**os.environ, "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", TRAIN, str(file), steps]
        running.append(subprocess.Popen(command, env=own, cwd=folder))
    assert not any(process.wait() for process in running)
    return [dict(np.load(file)) for file in files]


def report(old: dict[str, np.ndarray], new: dict[str, np.ndarray]) -> None:
    for key in sorted(old.keys() & new.keys()):
        name, _, what = key.partition(" ")
        if what == "seconds":
            print(f"{name:<12} time new / old {new[key] / old[key]:.2f}")
        else:
            print(f"{name:<12} {what:<9} differ by {np.abs(old[key] - new[key]).max():.3g}")


if __name__ == "__main__":
    main(*sys.argv[1:])

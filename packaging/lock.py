"""Write packaging/linux-cpu.lock: all that genlearn needs on a CPU of x86-64 with Linux and Python
3.11, at the versions that are tested, with the digest of every file that may be installed for it.

    pip install uv && python packaging/lock.py

What belongs to CUDA is left out, and so are the builds of torch that ask for it: an installation by
the lock takes a CPU build, or stops where there is none, and never fetches gigabytes.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
COMPILE = ["uv", "pip", "compile", "pyproject.toml", "--constraint", "constraints.txt"]
COMPILE += [
    "--python-platform",
    "x86_64-manylinux_2_28",
    "--python-version",
    "3.11",
    "--generate-hashes",
]
COMPILE += ["--no-emit-index-url", "--no-annotate", "--no-header"]
CUDA = re.compile(r"(nvidia-|cuda-|triton\b)")
# torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl, which PyPI does not have
BUILDS = {
    "torch==2.13.0": ["6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"],
}


def main() -> None:
    """Ask uv what is needed, and write what a CPU needs of it."""
    told = subprocess.run(COMPILE, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    kept = [block for block in blocks(told) if not CUDA.match(block)]
    (HERE / "linux-cpu.lock").write_text("".join(map(on_a_cpu, kept)))


def blocks(text: str) -> list[str]:
    """A requirement and its digests each."""
    return re.findall(r"^\S.*(?:\n    .*)*\n", text, re.MULTILINE)


def on_a_cpu(block: str) -> str:
    """``block``, with the digests of its builds for a CPU alone, where there are others."""
    requirement, *_ = block.split(" ", 1)
    if requirement not in BUILDS:
        return block
    lines = [requirement, *(f"    --hash=sha256:{digest}" for digest in BUILDS[requirement])]
    return " \\\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

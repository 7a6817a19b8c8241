"""Python in a process of its own where genlearn cannot be imported."""

import subprocess
import sys

# torchvision may be built for another torch
_ABSENT = """
import os, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "genlearn":
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
sys.modules["torchvision"] = None
"""
# executes the lines of each README in its folder
DRAW = """
for folder in sys.argv[1:]:
    os.chdir(folder)
    with open("README.md") as file:
        code = file.read().split("```python\\n")[1].split("```")[0]
    found = {}
    exec(code, found)
    found["np"].savez("found.npz", images=found["images"], values=found["values"])
"""


def run_without_genlearn(code, place, *arguments):
    """Run ``code``, which is kept in the folder ``place``."""
    file = place / "alone.py"
    file.write_text(f'{_ABSENT}{code}\nassert "genlearn" not in sys.modules\n')
    ended = subprocess.run(
        [sys.executable, file, *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr

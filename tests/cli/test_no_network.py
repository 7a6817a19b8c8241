"""Nothing is asked of a network: commands work where there is none at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ALONE = ["unshare", "--map-root-user", "--net"]
_WORKS = subprocess.run([*_ALONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _WORKS, reason="this system lets no process go without its network")
def test_a_model_is_fitted_drawn_from_and_compared_without_a_network(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from genlearn.cli.main import run\n"
        "assert run(['fit', 'vae', 'digits', '--size', 'tiny', '--steps', '3'], True) == 0\n"
        "assert run(['sample', 'runs/vae-digits', '--out', 'x.npy'], True) == 0\n"
        "rows = [f'{i},{i % 7},{i * i % 11}' for i in range(120)]\n"
        "open('t.csv', 'w').write('\\n'.join(['a,b,c', *rows]))\n"
        "assert run(['compare', 't.csv', '--model', 'ppca', '--budget', '5s'], True) == 0\n"
    )
    done = subprocess.run(
        [*_ALONE, sys.executable, script],
        cwd=tmp_path,
        env=os.environ | {"GENLEARN_CACHE": str(tmp_path / "cache"), "GENLEARN_DATA": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "comparison-t" / "report.html").is_file()
    assert Path(tmp_path / "x.npy").is_file()

"""Nothing is asked of a network: commands work where there is none at all."""

import os
import subprocess
import sys

import pytest

_ALONE = ["unshare", "--map-root-user", "--net"]
_WORKS = subprocess.run([*_ALONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _WORKS, reason="this system lets no process go without its network")
def test_commands_work_without_a_network(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from genlearn.cli.main import run\n"
        "assert run(['fit', 'vae', 'digits', '--size', 'tiny', '--steps', '3'], True) == 0\n"
        "assert run(['sample', 'runs/vae-digits', '--out', 'x.npy', '-n', '120'], True) == 0\n"
        "assert run(['compress', 'runs/vae-digits', 'x.npy', '--out', 'x.glc'], True) == 0\n"
        "quiz = ['quiz', 'runs/vae-digits', 'digits', '--out', 'quiz.html', '-n', '10']\n"
        "assert run(quiz, True) == 0\n"
        "tiny = ['--steps', '2', '--size', 'tiny', '--chapter', '1']\n"
        "assert run(['lecture', 'x.npy', '--out', 'lecture', *tiny], True) == 0\n"
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
    written = ("x.npy", "x.glc", "quiz.html", "lecture/lecture.html", "lecture/lecture.ipynb")
    assert all((tmp_path / name).is_file() for name in written)

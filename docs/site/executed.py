"""The gallery: scripts that are executed when the site is built. Each is an idea of at most a page:
its docstring is the title and the text, it saves one picture, and its code can be unfolded.

A picture that is newer than its script and the package is kept, so that only what has changed is
drawn again.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import genlearn

_HERE = Path(__file__).parent
_PACKAGE = Path(genlearn.__file__).parent


def gallery(scripts: Path, pictures: Path) -> str:
    """Markdown for a page beside the folder ``scripts``: all of them, by their names; what they
    draw is in the folder ``pictures``."""
    pictures.mkdir(parents=True, exist_ok=True)
    return "\n".join(section(script, pictures) for script in sorted(scripts.glob("*.py")))


def section(script: Path, pictures: Path) -> str:
    """Markdown of one script: title, text, picture and code."""
    code = script.read_text()
    about, first, *_ = ast.parse(code).body
    title, _, text = ast.literal_eval(about.value).strip().partition("\n\n")  # type: ignore[attr-defined]
    picture = pictures / f"{script.stem}.png"
    if not picture.exists() or picture.stat().st_mtime < last_change(script):
        execute(script, picture)
    body = "\n".join(code.splitlines()[first.lineno - 1 :])
    shown = os.path.relpath(picture, script.parent.parent)
    return (
        f"\n## {title}\n\n{text}\n\n![{title}]({shown})\n\n<details>\n"
        f"<summary>The code, docs/gallery/{script.name}</summary>\n\n"
        f"~~~~python\n{body}\n~~~~\n\n</details>\n"
    )


def last_change(script: Path) -> float:
    """When the script, what it is drawn by, or the package was changed last."""
    used = [script, _HERE / "matplotlibrc", *_PACKAGE.rglob("*.py")]
    return max(file.stat().st_mtime for file in used)


def execute(script: Path, picture: Path) -> None:
    """Run the script where it saves its picture. Raises what ends the build, with what the script
    complained of."""
    print(f"executing {script.name}", flush=True)
    environment = os.environ | {"MATPLOTLIBRC": str(_HERE / "matplotlibrc"), "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=picture.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not picture.exists():
        raise RuntimeError(f"{script} drew no {picture.name}: {done.stdout}{done.stderr}")

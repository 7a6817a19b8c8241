"""What keeps the rooms apart: layers, sizes of files, no guessing of abilities, light imports."""

import ast
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src/genlearn"
FILES = sorted(SOURCE.rglob("*.py"))


def test_layers_hold():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=SOURCE.parent.parent,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout.decode()


FACES = (
    "cli",
    "comparison",
    "compression",
    "engine",
    "evaluate",
    "explore",
    "export",
    "lecture",
    "representation",
    "turing",
)


def test_nothing_above_names_a_model():
    """The registry is the only way up: no import of models by text either."""
    for layer in FACES:
        for file in (SOURCE / layer).rglob("*.py"):
            assert not re.search(
                r"genlearn\.models|\.\.models|\bVAE\b|\bAutoencoder(Base)?\b", file.read_text()
            ), file


def test_files_and_functions_are_short_and_modules_say_what_they_are_about():
    for file in FILES:
        code = file.read_text()
        parsed = ast.parse(code)
        assert ast.get_docstring(parsed), file
        assert len(code.splitlines()) <= 300, file  # of at most 100 columns
        for node in ast.walk(parsed):
            if isinstance(node, ast.FunctionDef):
                body = node.body[ast.get_docstring(node) is not None :]
                assert not body or node.end_lineno - body[0].lineno < 35, f"{file}: {node.name}"


def test_abilities_are_types():
    for file in FILES:
        assert "hasattr(" not in file.read_text() or file.name == "params.py", file


def test_arrays_are_read_in_one_place():
    """By `core.disk.arrays`, one thread at a time."""
    found = [file.name for file in FILES if "np.load(" in file.read_text()]
    assert found == ["arrays.py"]


# what is built in a folder that stands in its place only when it is whole, or is appended to
BUILT = {
    "data/prepare/cache.py",
    "data/prepare/prepare.py",
    "data/prepare/write_memmap.py",
    "data/shards/array_file.py",
    "data/shards/merge.py",
    "data/shards/piece.py",
    "data/sources/idx.py",
    "data/text/caption_embeddings.py",
    "data/texts.py",
    "representation/kept_codes.py",
    "evaluate/probes/prompt_following.py",
    "evaluate/probes/profiling.py",
    "engine/runs/metrics_log.py",
    "comparison/error_log.py",
    "studio/exploring/make_map.py",
    "studio/exploring/map_files.py",
    "studio/inspection/process.py",
    "studio/inspection/worker.py",
    "studio/jobs/process.py",
    "studio/library/uploads.py",
    "studio/prompting/history.py",
    "studio/rooms/journal.py",
    "studio/rooms/making.py",
}
WRITING = re.compile(
    r"\.write_(?:text|bytes)\(|open\([^)]*[\"'](?:[wax]b?\+?|r\+b?)[\"']|save_file\("
    r"|\.save\((?!content\b|self\b)[^)]*(?:path|out|sheet|place|name)\b[^)]*\)"
)


def test_outputs_are_written_whole_or_not_at_all():
    """By `core.disk.atomic`, and not at once to where they are looked for."""
    found = {
        str(file.relative_to(SOURCE))
        for file in FILES
        if file.parent.name != "disk" and WRITING.search(file.read_text())
    }
    assert found <= BUILT


def test_import_and_help_load_no_torch():
    code = (
        "import sys, genlearn, genlearn.cli.main as m; m.run(['--help'], False); assert not"
        " {'torch', 'sklearn', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_only_training_loads_what_trains():
    code = (
        "import sys, genlearn.cli.main as m; m.run(['models'], False); assert not"
        " {'lightning_fabric', 'torch._dynamo'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

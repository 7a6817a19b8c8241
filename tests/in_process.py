"""The command line in this process."""

from genlearn.cli.main import run

FAST = ["--size", "tiny", "--steps", "20", "--save-every", "10"]


def told(capsys, *arguments):
    """The one line that a mistake gets."""
    assert run(list(map(str, arguments)), debug=False) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("genlearn: ")
    return error


def done(*arguments):
    assert run(list(map(str, arguments)), debug=False) == 0

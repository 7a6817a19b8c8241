"""Commands in the pages exist, and those of the first pages run, in order, in a new folder."""

import re

import pytest
from doc_commands import (
    ROOT,
    blocks,
    calls,
    check_parses,
    command_lines,
    pages,
    shortened,
    write_data,
)
from helpers import genlearn
from quick_judging import judge_quickly

# servers, uploads, and what takes minutes whatever its budget is; each has tests of its own
ELSEWHERE = {"studio", "serve", "push", "lecture"}


@pytest.mark.parametrize("page", pages())
def test_commands_of_the_pages_exist(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, settings in enumerate(tomls(page)):
        (tmp_path / ("run.toml" if name == 0 else f"{name}.toml")).write_text(settings)
    for arguments in command_lines(page):
        if not any(word.endswith("manifest.json") for word in arguments):  # of a run to be made
            check_parses(arguments)


def tomls(page):
    return re.findall(r"```toml\n(# run.*?)```", (ROOT / page).read_text(), re.DOTALL)


def test_a_command_that_there_is_not_is_found():
    check_parses(["fit", "flow", "photos/", "--budget", "10m"])
    for wrong in ("learn flow", "fit flaw photos/", "fit flow photos/ --bugdet 1m", "fit flow"):
        with pytest.raises(Exception, match=r"\w"):
            check_parses(wrong.split())
    line = "X=1 torchrun -m genlearn fit vae a.csv --delimiter ';' && genlearn models  # a 'note"
    assert [*calls("genlearn inspect a | head")] == [("inspect", "a")]
    with pytest.raises(ValueError, match="quotation"):
        [*calls(line.replace("#", ""))]
    assert [*calls(line)] == [("fit", "vae", "a.csv", "--delimiter", ";"), ("models",)]


@pytest.fixture
def folder(tmp_path):
    write_data(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "docs/start.md", "docs/recipes.md"])
def test_commands_run_in_their_order_in_a_new_folder(page, folder):
    done = 0
    for line in blocks(page):
        for arguments in calls(line):
            if arguments[0] in ELSEWHERE:
                continue
            genlearn(*shortened(arguments), cwd=folder, first=judge_quickly)
            done += 1
    assert done

"""Kills at any moment and two at one place, as `benchmarks/` tries them hundreds of times, a few
times."""

import os
from pathlib import Path

import pytest
from forked import Command

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


class Started:
    """A command that runs, as the benchmarks know it; they start at once, without a gate."""

    def __init__(self, *arguments, cwd, gate=None):
        self.command = Command(*arguments, cwd=cwd)
        self.pid = self.command.process.pid

    def ended(self):
        done = self.command.ended()
        from processes import Ended

        return Ended(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def bench(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.setitem(os.environ, "GENLEARN_CACHE", str(tmp_path / "cache"))
    import kills
    import two_at_once

    Command("--version", cwd=tmp_path).ended()  # what starts processes is loaded now
    return kills, two_at_once


def test_a_killed_run_is_the_run_it_would_have_been(bench, tmp_path):
    kills, _ = bench
    chosen = [case for case in kills.cases() if case.name == "vae"]
    (row,) = kills.tries(chosen, 2, tmp_path, Started, seed=1)
    assert row["kills"] > 0
    assert row["equal"] == row["tries"] == 2, row["trouble"]


@pytest.mark.parametrize("place", ["run", "entry"])
def test_of_two_at_once_one_works_and_the_other_says_so(bench, tmp_path, place):
    _, two_at_once = bench
    (row,) = two_at_once.tries(1, tmp_path, Started, [place])
    assert row["right"] == row["tries"] == 1, row["trouble"]

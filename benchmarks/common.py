"""What the benchmarks share: the machine's description, tables in markdown, and results as JSON."""

from __future__ import annotations

import json
import platform
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    import torch

    return {
        "date": date.today().isoformat(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "bf16": torch.cpu._is_avx512_bf16_supported(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown, with a column for each key of the first row."""
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *([_text(row[key]) for key in head] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(name: str, rows: list[dict[str, Any]], **more: Any) -> None:
    """Print ``rows`` and write them, with the machine and ``more``, to out/NAME.json."""
    print(table(rows))
    (HERE / "out").mkdir(exist_ok=True)
    (HERE / "out" / f"{name}.json").write_text(
        json.dumps({"machine": machine(), "rows": rows, **more}, indent=1)
    )


def _text(value: Any) -> str:
    return (
        f"{value:,}"
        if isinstance(value, int)
        else f"{value:.4g}"
        if isinstance(value, float)
        else str(value)
    )

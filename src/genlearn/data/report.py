"""stub"""

from typing import Any


class Report: ...


def inspect_data(source: Any, **options: Any) -> Report:
    raise NotImplementedError

"""All data that can be chosen, and the form by which more is added."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from ...context import Studio, studio_of
from ...inspection.findings import Findings
from ...inspection.inspector import findings_in
from ...library.datasets import DataSource
from ...library.upload_names import ACCEPTED
from ...library.uploads import MOST_FILES
from ...rendering import page

_BARS = 4  # columns that a table's card shows


@dataclass(frozen=True)
class Card:
    """A source, and what was found in it when it was looked at last, if it was."""

    source: DataSource
    findings: Findings | None
    version: str = ""

    @property
    def what(self) -> str:
        """In a line."""
        return self.findings.what if self.findings else self.source.kind


async def sources(request: Request) -> Response:
    """Cards by where the data lies."""
    studio = studio_of(request)
    groups = await run_sync(_groups, studio)
    await run_sync(studio.inspector.prepare)
    return page(
        request,
        "data/sources.html",
        groups=groups,
        bars=_BARS,
        accepted=",".join(ACCEPTED),
        most_files=MOST_FILES,
        most_bytes=studio.settings.upload_bytes,
    )


def _groups(studio: Studio) -> list[tuple[str, list[Card]]]:
    """Cards of each place that has some, with its title."""
    latest = studio.inspector.latest()
    library = studio.library
    titles = {library.folder: "In the studio's folder"}
    titles |= {root: f"In {root.name}/" for root in library.data if root != library.folder}
    groups: dict[str, list[Card]] = {title: [] for title in [*titles.values(), "Sets by name"]}
    for one in library.sources().values():
        folder = latest.get(one.id)
        card = Card(one, findings_in(folder) if folder else None, folder.name if folder else "")
        groups[_title(one, titles)].append(card)
    return [(title, cards) for title, cards in groups.items() if cards]


def _title(source: DataSource, titles: dict[Path, str]) -> str:
    if source.path is None:
        return "Sets by name"
    above = {source.path, *source.path.parents}
    return next(title for root, title in titles.items() if root in above)

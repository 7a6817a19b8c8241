"""`genlearn.studio(...)`: the studio beside a notebook or a script, in a thread of its own."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Sequence
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Self

from ..core.errors import UserError
from .server import prepared
from .settings import LOOPBACK, Settings, own_addresses


class RunningStudio:
    """A studio that listens until it is stopped, or Python ends; then what trains is saved, and
    goes on at the next start. As a context manager it ends with its block."""

    def __init__(self, settings: Settings) -> None:
        self._server, self.url = prepared(settings, lambda line: None)
        self._shared, self._folder = settings.share, settings.folder
        self._thread = threading.Thread(target=self._server.listen, name="studio")
        self._thread.start()
        threading.Thread(target=self._end_with_python, name="end of studio", daemon=True).start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.01)
        if not self._server.started:
            raise UserError(f"the studio of {self._folder} could not start; its log says why")

    @property
    def urls(self) -> list[str]:
        """The links that let its owner in: from this machine, and where it is shared from
        others."""
        others = own_addresses() if self._shared else []
        return [self.url, *(self.url.replace(LOOPBACK, address) for address in others)]

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End it, and wait until what trains is saved."""
        self._server.should_exit = True
        self._thread.join()

    def _end_with_python(self) -> None:
        threading.main_thread().join()  # which ends before threads are waited for
        self._server.should_exit = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"studio of {self._folder}: {self.url if self.running else 'stopped'}"

    def _repr_html_(self) -> str:
        """A link: pages of the studio are in no one's frame."""
        if not self.running:
            return f"<p>The studio of <code>{escape(str(self._folder))}</code> was stopped.</p>"
        links = ", ".join(_link(url) for url in self.urls)
        return f"<p>Studio of <code>{escape(str(self._folder))}</code>: {links}</p>"


def open_studio(
    folder: str | Path = ".",
    *,
    data: str | Path | Sequence[str | Path] = (),
    port: int = 0,
    share: bool = False,
    browser: bool = True,
) -> RunningStudio:
    """The studio of ``folder``, as `genlearn.studio` says."""
    further = [data] if isinstance(data, (str, Path)) else list(data)
    for place in (folder, *further):
        if not Path(place).is_dir():
            raise UserError(f"{place} is no folder; give one that is there")
    if not 0 <= port <= 65535:
        raise UserError(f"port={port} was given; it is a number from 0, for any free, to 65,535")
    places = tuple(Path(place).resolve() for place in further)
    studio = RunningStudio(Settings(Path(folder).resolve(), places, port, share))
    if browser:
        webbrowser.open(studio.url)
    return studio


def _link(url: str) -> str:
    name = escape(url.split("/")[2])
    return f'<a href="{escape(url)}" target="_blank" rel="noopener">{name}</a>'

"""What all routes of one studio share."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from .exploring.maps import Maps
from .inspection.inspector import Inspector
from .jobs.queue import Queue
from .library.library import Library
from .rooms.rooms import Rooms
from .security.limits import Attempts
from .security.sessions import Session, Sessions
from .serving.models import Models
from .settings import Settings


@dataclass(frozen=True)
class Studio:
    """One studio: its settings, who may come in, what lies in its folders, what trains, the
    models that are asked, and who looks into data."""

    settings: Settings
    sessions: Sessions
    library: Library
    queue: Queue
    models: Models
    rooms: Rooms
    maps: Maps
    inspector: Inspector
    logins: Attempts = field(default_factory=lambda: Attempts(10, 60.0))

    @staticmethod
    def at(settings: Settings) -> Studio:
        """The studio of ``settings``; nothing runs before its queue is started."""
        library = Library(settings.folder, settings.data)
        return Studio(
            settings,
            Sessions(settings.port),
            library,
            Queue(library.own / "jobs", settings.folder),
            Models(),
            Rooms(library.own / "rooms"),
            Maps(library),
            Inspector(library),
        )


def studio_of(request: Request) -> Studio:
    """The studio that ``request`` came to."""
    studio: Studio = request.app.state.studio
    return studio


def session_of(request: Request) -> Session | None:
    """Who asks, as the wall found."""
    session: Session | None = request.scope.get("session")
    return session

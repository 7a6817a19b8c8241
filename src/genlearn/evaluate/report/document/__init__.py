"""A page in one file that asks the network for nothing: its style and its script are in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..markup import Html, tag

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


@dataclass(frozen=True)
class Words:
    """What a page says of itself, and in which language."""

    language: str = "en"
    skip: str = "Skip to the content"
    theme: str = "Switch between light and dark"


def document(
    title: str, *body: object, style: str = "", script: str = "", words: Words = Words()
) -> str:
    """HTML of a page called ``title``; ``body`` holds an element with the id "main". ``style`` and
    ``script`` come after those that all pages share."""
    skip = tag("a", words.skip, href="#main", class_="skip")
    switch = tag("button", "Dark", type="button", id="theme", hidden=True, aria_label=words.theme)
    scripts = [tag("script", Html(code)) for code in (shared_text("script.js"), script) if code]
    head, inside = _head(title, style), tag("body", skip, switch, body, scripts)
    return f"<!doctype html>\n{tag('html', head, inside, lang=words.language)}\n"


def _head(title: str, style: str) -> Html:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · genlearn"),
        tag("style", Html(shared_text("style.css") + style)),
    )


def shared_text(name: str) -> str:
    """style.css or script.js, which all pages share."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")

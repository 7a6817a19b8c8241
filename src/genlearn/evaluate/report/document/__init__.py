"""A page in one file that asks the network for nothing: its style and its script are in it."""

from __future__ import annotations

from pathlib import Path

from ..markup import Html, tag


def document(title: str, *body: object, style: str = "", script: str = "") -> str:
    """HTML of a page called ``title``; ``body`` holds an element with the id "main". ``style`` and
    ``script`` come after those that all pages share."""
    skip = tag("a", "Skip to the content", href="#main", class_="skip")
    switch = tag(
        "button",
        "Dark",
        type="button",
        id="theme",
        hidden=True,
        aria_label="Switch between light and dark",
    )
    scripts = [tag("script", Html(code)) for code in (_text("script.js"), script) if code]
    whole = tag("html", _head(title, style), tag("body", skip, switch, body, scripts), lang="en")
    return f"<!doctype html>\n{whole}\n"


def _head(title: str, style: str) -> Html:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · genlearn"),
        tag("style", Html(_text("style.css") + style)),
    )


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")

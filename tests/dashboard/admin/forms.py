"""Fills in the administrators' forms as a browser would, and sends them twice."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response


class _Fields(HTMLParser):
    """What the form with this action would send by itself."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self._action = action
        self._is_inside = False
        self._open: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("action") == self._action
        if not self._is_inside:
            return
        name = given.get("name") or ""
        if tag == "input" and name:
            if given.get("type") not in {"radio", "checkbox"} or "checked" in given:
                self._add(name, given.get("value") or "")
        elif tag in {"textarea", "select"}:
            self._open = (tag, name)
            if tag == "textarea":
                self.fields[name] = ""
        elif tag == "option" and self._open and "selected" in given:
            self.fields[self._open[1]] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._open and self._open[0] == "textarea":
            self.fields[self._open[1]] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False
        if self._open and tag == self._open[0]:
            self._open = None

    def _add(self, name: str, value: str) -> None:
        known = self.fields.get(name)
        if known is None:
            self.fields[name] = value
        else:
            self.fields[name] = [*(known if isinstance(known, list) else [known]), value]


def filled(client: TestClient, page: str, action: str = "") -> dict[str, Any]:
    """What the form of a page sends where nobody touches it."""
    parser = _Fields(action or page)
    parser.feed(client.get(page).text)
    assert "csrf_token" in parser.fields
    return parser.fields


def look_and_change(client: TestClient, page: str, action: str = "", **typed: Any) -> Response:
    """Type this over the form of a page, look it over and change it; the look is what comes back.

    A field that is given as None is left out, as one that is not ticked.
    """
    form = {key: value for key, value in filled(client, page, action).items() if key not in typed}
    form |= {key: value for key, value in typed.items() if value is not None}
    looked = client.post(action or page, data=form)
    assert looked.status_code == 200, looked.context["around"].problem
    parser = _Fields(looked.context["action"])
    parser.feed(looked.text)
    done = client.post(looked.context["action"], data=parser.fields)
    assert done.status_code == 303, done.text
    return looked

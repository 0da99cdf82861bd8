"""How the routes of all sections are found."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import Match
from starlette.types import Scope

from dashboard.web.section import Addresses


class Told(APIRoute):
    """A route that keeps the addresses for which it was tried."""

    tried: list[str]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        self.tried.append(scope["path"])
        return super().matches(scope)


@pytest.fixture
def tried() -> list[str]:
    return []


@pytest.fixture
def client(tried: list[str]) -> TestClient:
    """Before an application with one router."""

    class Route(Told):
        pass

    Route.tried = tried
    router = APIRouter(prefix="/r", route_class=Route)

    @router.get("/{number}/{key}")
    def receipt(number: str, key: str) -> list[str]:
        return [number, key]

    @router.get("")
    def receipts() -> str:
        return "all"

    app = FastAPI()
    app.include_router(Addresses(router, "/api"), prefix="/api")
    return TestClient(app)


def test_what_is_in_an_address_is_found(client: TestClient) -> None:
    assert client.get("/api/r/7/a%20key").json() == ["7", "a key"]
    assert client.get("/api/r").json() == "all"
    assert client.get("/api/r/").json() == "all", "a stroke at the end is forgiven"
    assert client.post("/api/r").status_code == 405


@pytest.mark.parametrize("path", ["/", "/api", "/r", "/r/7/key", "/api/registers", "/ap%69/r2"])
def test_no_route_is_tried_for_an_address_that_begins_otherwise(
    client: TestClient, tried: list[str], path: str
) -> None:
    assert client.get(path).status_code == 404
    assert tried == []

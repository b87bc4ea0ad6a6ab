"""The true application on the demonstration, in a real Chromium."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserType, ConsoleMessage, Page, Response, expect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.cli.demo_build import DemoBuild
from api.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
DRAW_WITHOUT_GPU = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]

expect.set_options(timeout=30_000)  # a machine that others use too answers late, and is not wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as one that opens a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Weighed:
    """An application whose answers are weighed as they leave it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.sent: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def weigh(message: Message) -> None:
            if message["type"] == "http.response.body":
                path = str(scope["path"])
                self.sent[path] = self.sent.get(path, 0) + len(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, weigh)


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a full demonstration on coarse cells: with a scenario, a kept comparison and draws; tests only read it."""
    build = DemoBuild(tmp_path_factory.mktemp("demo"), cell_m=300, scale=750_000, full=True)
    build.complete(report=lambda _line: None)
    return build.workspace


@pytest.fixture(scope="session")
def weighed(demo_workspace: Path) -> Weighed:
    """Return the application over the demonstration, on a scale."""
    return Weighed(create_app(Settings(workspace=demo_workspace)))


@pytest.fixture(scope="session")
def address(weighed: Weighed) -> Iterator[str]:
    """Serve the demonstration on a free port and return its address."""
    with served(weighed) as base:
        yield base


@pytest.fixture(scope="session")
def trial_address(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a copy of the demonstration whose study is already held open to be tried; return its address."""
    home = tmp_path_factory.mktemp("trial") / "ws"
    shutil.copytree(demo_workspace, home)
    with served(Weighed(create_app(Settings(workspace=home)))) as base:
        for _attempt in range(120):
            if httpx.post(f"{base}/zoning/preview", json={}, timeout=60).status_code == 200:
                break
            time.sleep(1)
        yield base


@pytest.fixture(scope="session")
def whole_demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Weighed]]:
    """Serve the demonstration on the cells and at the scale at which people get it; return its address and scale."""
    build = DemoBuild(tmp_path_factory.mktemp("whole"))
    build.complete(report=lambda _line: None)
    weighed = Weighed(create_app(Settings(workspace=build.workspace)))
    with served(weighed) as base:
        yield base, weighed


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Return a function that serves a workspace on a free port and gives its address."""
    with ExitStack() as open_ones:
        yield lambda home: open_ones.enter_context(
            served(Weighed(create_app(Settings(workspace=home, refresh_seconds=0))))
        )


@contextmanager
def served(app: Weighed) -> Iterator[str]:
    """Serve an application on a free port and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(app, port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{port}"
    for _attempt in range(200):
        if server.started:
            break
        time.sleep(0.05)
    answer = httpx.get(f"{base}/health", timeout=60)
    assert answer.status_code == 200, answer.text
    yield base
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def browser(browser_type: BrowserType) -> Iterator[Browser]:
    """Return the system's Chromium, drawing in software."""
    opened = browser_type.launch(
        executable_path=str(CHROMIUM) if CHROMIUM.exists() else None, args=DRAW_WITHOUT_GPU, headless=True
    )
    yield opened
    opened.close()


class Watched:
    """A page and all it asked for, said and broke on."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.addresses: list[str] = []
        self.statuses: dict[str, int] = {}
        self.complaints: list[str] = []
        page.on("request", lambda asked: self.addresses.append(asked.url))
        page.on("response", self._answered)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._said)

    def _answered(self, answer: Response) -> None:
        self.statuses[answer.url] = answer.status
        if answer.status >= 400:
            self.complaints.append(f"{answer.status} {answer.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


def open_page(browser: Browser, width: int, height: int, **context: Any) -> Watched:  # noqa: ANN401  playwright's own
    """Open an empty page of this size."""
    page = browser.new_context(viewport={"width": width, "height": height}, locale="es-BO", **context).new_page()
    page.set_default_timeout(30_000)
    return Watched(page)


@pytest.fixture
def desk(browser: Browser) -> Iterator[Watched]:
    """Return an empty page on a desk."""
    watched = open_page(browser, 1440, 900)
    yield watched
    watched.page.context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Watched]:
    """Return an empty page on a small phone."""
    watched = open_page(browser, 360, 740, is_mobile=True, has_touch=True, device_scale_factor=2)
    yield watched
    watched.page.context.close()

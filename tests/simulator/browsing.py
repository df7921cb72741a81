"""A Chromium for the page's tests, and the page as people use it: by labels, roles and keys."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, async_playwright
from playwright.async_api import TimeoutError as TookTooLong

from simulator.server import Simulator
from tests.simulator.conftest import Clock

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def chromium() -> str | None:
    """The browser that BACKSTOP_CHROMIUM names, or one on the path."""
    named = os.environ.get("BACKSTOP_CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
    return named or next((found for name in names if (found := shutil.which(name))), None)


@asynccontextmanager
async def opened_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        try:
            yield browser
        finally:
            await browser.close()


class PageClock:
    """Lets the page move the clock that the workspace reads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock()

    def advance(self, by: timedelta) -> None:
        self._clock.move(by)


class OutageClock(PageClock):
    """Also lets time go by while the bot is down, and remembers how much."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.slept = timedelta()

    def sleep(self, by: timedelta) -> None:
        self.slept += by
        self.advance(by)


class Screens:
    """Opens the page as somebody. Whatever the browser complains about is kept in `complaints`."""

    def __init__(self, browser: Browser, simulator: Simulator) -> None:
        self._browser = browser
        self._simulator = simulator
        self._windows: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def open(self, address: str, *, size: dict[str, int] = DESK, **context: Any) -> Page:
        """`address` is the query: "?as=Ben&channel=care"."""
        window = await self._browser.new_context(
            viewport={"width": size["width"], "height": size["height"]}, locale="en-GB", timezone_id="UTC", **context
        )
        self._windows.append(window)
        page = await window.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", self._broke)
        page.on("console", self._said)
        await page.goto(f"{self._simulator.base_url}/{address}")
        try:
            await page.wait_for_selector("body[data-ready]")
        except TookTooLong:
            raise AssertionError(f"the page never showed anything; the browser said {self.complaints}") from None
        return page

    async def close(self) -> None:
        """Every window that is open; more may be opened."""
        while self._windows:
            await self._windows.pop().close()

    def _broke(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

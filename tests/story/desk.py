"""A person at the page, in the story's words: what they type, press, choose and read."""

import re
from collections.abc import Awaitable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Locator, Page, expect

from tests.office import Office
from tests.simulator.browsing import DESK, Screens, chromium

SENT_ON = ("/page/say", "/page/press", "/page/submit", "/page/shortcut")
"""What a person does that the app hears of, by the page's verbs."""

needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on the path and BACKSTOP_CHROMIUM is not set"),
]


class Desk:
    """One person's window. What they do is followed by what it causes (`office.settles`)."""

    def __init__(self, office: Office, page: Page) -> None:
        self.page = page
        self._office = office

    @classmethod
    async def of(
        cls, office: Office, screens: Screens, who: str, channel: str = "care", *, size: dict[str, int] = DESK
    ) -> "Desk":
        return cls(office, await screens.open(f"?as={who}&channel={channel}", size=size))

    async def goes_to(self, channel: str) -> None:
        """A channel by name, or "Backstop": the direct messages with the bot."""
        if (drawer := self.page.get_by_role("button", name="Channels", exact=True)) and await drawer.is_visible():
            await drawer.click()
        testid = "dm-bot" if channel == "Backstop" else f"channel-{channel}"
        await self.page.get_by_test_id(testid).click()

    async def opens_home(self) -> Locator:
        """The app's Home."""
        await self.goes_to("Backstop")
        await self.page.get_by_test_id("home-tab").click()
        await self._office.settles()
        return self.page.get_by_test_id("home")

    async def types(self, text: str) -> None:
        await self.page.get_by_test_id("composer").fill(text)
        await self._does(self.page.get_by_test_id("composer").press("Enter"))

    async def sees_form(self, title: str) -> Locator:
        dialog = self.page.get_by_role("dialog", name=title)
        await expect(dialog).to_be_visible()
        return dialog

    async def fills(self, field: str, text: str) -> None:
        await self._field(field).get_by_role("textbox").fill(text)

    async def ticks(self, field: str, label: str) -> None:
        """A radio button or a checkbox, by the beginning of its label."""
        await self._field(field).get_by_label(re.compile(re.escape(label))).first.check()

    async def picks(self, field: str, *choices: str) -> None:
        """From a menu, by typing and choosing."""
        menu = self._field(field).get_by_role("combobox")
        await menu.click()
        for choice in choices:
            await self.page.get_by_role("option", name=re.compile(re.escape(choice))).first.click()
        await self.page.keyboard.press("Tab")

    async def sets_time(self, field: str, instant: datetime, zone: str) -> None:
        """A date and time, as this person's clock shows it."""
        local = instant.astimezone(ZoneInfo(zone))
        await self._field(field).locator('input[type="datetime-local"]').fill(f"{local:%Y-%m-%dT%H:%M}")

    async def sets_date(self, field: str, day: str) -> None:
        await self._field(field).locator('input[type="date"]').fill(day)

    async def submits(self, *, then_reads: str | None = None) -> None:
        """Sends the form; it goes, or gives way to a word of what happened."""
        modal = self.page.get_by_test_id("modal")
        await self._does(self.page.get_by_test_id("submit").click())
        if then_reads is not None:
            await expect(modal).to_contain_text(then_reads)
            await self.page.get_by_test_id("modal-close").click()
        await expect(modal).to_be_hidden()

    async def asks_to_submit(self) -> None:
        """Sends a form that answers first."""
        await self._does(self.page.get_by_test_id("submit").click())

    async def presses(self, message: str, label: str) -> None:
        """A button of the newest message with these words."""
        await self._does(self.message(message).get_by_role("button").filter(has_text=label).first.click())

    async def presses_beside(self, message: str, words: str) -> None:
        """The button that stands beside these words in the newest message with those."""
        button = self.message(message).get_by_role("button", name=re.compile(f"Choose {re.escape(words)}"))
        await self._does(button.click())

    async def presses_in_form(self, label: str) -> None:
        await self._does(self.page.get_by_test_id("modal").get_by_role("button").filter(has_text=label).click())

    async def chooses_from_message(self, message: str, shortcut: str) -> None:
        """A message shortcut, from the message's own menu."""
        place = self.message(message)
        await place.hover()
        await place.get_by_role("button", name=re.compile("More", re.IGNORECASE)).last.click()
        await self._does(self.page.get_by_test_id(f"message-shortcut-{shortcut}").click())

    async def _does(self, act: Awaitable[None]) -> None:
        """Something that the page sends on: waits for the app's answer, and for all that follows from it."""
        async with self.page.expect_response(lambda answer: answer.url.endswith(SENT_ON)):
            await act
        await self._office.settles()

    def message(self, words: str) -> Locator:
        """The newest message with these words in what is shown."""
        return self.page.locator('[data-testid^="message-"]').filter(has_text=words).last

    async def reads(self, *words: str, not_words: tuple[str, ...] = ()) -> None:
        """A message that says all of this (and none of that) comes into view."""
        place = self.page.locator('[data-testid^="message-"]')
        for one in words:
            place = place.filter(has_text=one)
        await expect(place.last).to_be_visible()
        for one in not_words:
            await expect(place.last).not_to_contain_text(one)

    async def reads_nothing_of(self, words: str) -> None:
        await expect(self.page.locator('[data-testid^="message-"]').filter(has_text=words)).to_have_count(0)

    async def shows(self, folder: Path | None, name: str, *, words: str | None = None) -> None:
        """A picture for the README, when pictures are wanted; from the message with these words on."""
        if folder is not None:
            if words is not None:
                await self.message(words).evaluate("message => message.scrollIntoView({ block: 'start' })")
            await self.page.screenshot(path=folder / f"{name}.png")

    def _field(self, block_id: str) -> Locator:
        return self.page.get_by_test_id("modal").get_by_test_id(f"field-{block_id}")

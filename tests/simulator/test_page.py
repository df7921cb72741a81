"""The page in a real browser, with a Bolt app behind it. Nothing is asserted that a person couldn't see or do."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from simulator.page import add_page
from simulator.server import Simulator
from simulator.workspace import Workspace
from tests.simulator.browsing import PHONE, OutageClock, PageClock, Screens, chromium, opened_browser
from tests.simulator.conftest import MANIFEST, Clock
from tests.simulator.every_block import EVERY_BLOCK, EVERY_INPUT
from tests.simulator.tiny_app import TinyApp, card, form, plain

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),  # one browser for all of them
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on the path and BACKSTOP_CHROMIUM is not set"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with opened_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def simulator(workspace: Workspace, clock: Clock) -> AsyncIterator[Simulator]:
    simulator = Simulator(workspace, now=clock, manifest=MANIFEST)
    add_page(simulator.web, simulator, clock=PageClock(clock))
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def app(simulator: Simulator) -> AsyncIterator[TinyApp]:
    app = TinyApp(simulator)
    await app.connect()
    yield app
    await app.disconnect()


@pytest_asyncio.fixture(loop_scope="module")
async def screens(browser: Browser, simulator: Simulator) -> AsyncIterator[Screens]:
    """Asserts at the end that the browser had nothing to complain about."""
    screens = Screens(browser, simulator)
    yield screens
    await screens.close()
    assert screens.complaints == []


async def send(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


async def pick(page: Page, menu: str, *choices: str) -> None:
    await page.get_by_role("combobox", name=menu, exact=True).click()
    for choice in choices:
        await page.get_by_role("option", name=choice, exact=True).click()
    await page.keyboard.press("Tab")


async def open_form(page: Page) -> None:
    await send(page, "/form")
    await expect(page.get_by_role("dialog", name="Tell us")).to_be_visible()


# -- forms ------------------------------------------------------------------------------------------------------------


async def test_a_command_is_completed_and_its_form_filled_and_sent_by_keyboard_alone(
    screens: Screens, app: TinyApp
) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await page.get_by_test_id("composer").press_sequentially("/fo")
    await expect(page.get_by_role("option", name="/form Opens a form")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("composer")).to_have_value("/form ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Tell us")).to_be_visible()
    await expect(page.get_by_label("What is happening")).to_be_focused()
    await page.keyboard.type("login broken")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option", name="S2: today")).to_have_class("active")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Control+Enter")
    values = (await app.received("submission"))["view"]["state"]["values"]
    assert values["what"]["text"]["value"] == "login broken"
    assert values["severity"]["choice"]["selected_option"]["value"] == "S2"
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_required_field_left_empty_is_named_at_the_field_and_nothing_is_sent(
    screens: Screens, app: TinyApp
) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.get_by_test_id("submit").click()
    await expect(page.get_by_test_id("field-error-what")).to_have_text("Please complete this required field.")
    await expect(page.get_by_label("What is happening")).to_be_focused()
    assert not [url for url in asked if url.endswith("/submit")]
    assert [kind for kind, _ in app.seen] == ["command"]


async def test_the_apps_errors_stand_at_their_field_until_it_is_changed_and_the_text_stays(
    screens: Screens, app: TinyApp
) -> None:
    app.answer = {"response_action": "errors", "errors": {"what": "Say more"}}
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    await page.get_by_label("What is happening").fill("hm")
    await page.get_by_test_id("submit").click()
    error = page.get_by_test_id("field-error-what")
    await expect(error).to_have_text("Say more")
    await expect(page.get_by_label("What is happening")).to_have_value("hm")
    await page.get_by_label("What is happening").press_sequentially("!")
    await expect(error).to_be_hidden()


async def test_a_submission_that_nobody_acknowledges_leaves_the_form_open_with_its_text(
    screens: Screens, simulator: Simulator
) -> None:
    app = TinyApp(simulator)
    await app.connect()
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    await page.get_by_label("What is happening").fill("login broken")
    await app.disconnect()
    await page.get_by_test_id("submit").click()
    await expect(page.get_by_test_id("modal-trouble")).to_have_text("We had some trouble connecting. Try again?")
    await expect(page.get_by_label("What is happening")).to_have_value("login broken")


async def test_what_is_typed_survives_an_update_of_the_form_and_news_elsewhere(
    screens: Screens, app: TinyApp, workspace: Workspace
) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    field = page.get_by_label("What is happening")
    await field.fill("login")
    workspace.post(workspace.channel("care"), workspace.person("Cara"), "hello")
    await expect(page.get_by_text("hello")).to_be_attached()
    await expect(field).to_be_focused()
    await page.get_by_role("button", name="More", exact=True).click()
    await expect(page.get_by_role("dialog", name="Tell us more")).to_be_visible()
    await expect(field).to_have_value("login")


async def test_a_field_that_the_app_draws_anew_keeps_its_text_and_the_caret(
    screens: Screens, app: TinyApp, workspace: Workspace
) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    await page.keyboard.type("login")
    await page.keyboard.press("ArrowLeft")
    changed = form()
    changed["blocks"][0]["hint"] = plain("As the customer sees it")
    [shown] = workspace.modals[workspace.person("Ben").id]
    await app.client.views_update(view_id=shown.id, view=changed)
    await expect(page.get_by_text("As the customer sees it")).to_be_visible()
    await page.keyboard.type("X")
    await expect(page.get_by_label("What is happening")).to_have_value("logiXn")


async def test_an_unsent_form_is_still_filled_after_a_reload(screens: Screens, app: TinyApp) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    await page.get_by_label("What is happening").fill("login broken")
    async with page.expect_response("**/page/typed"):
        await page.keyboard.press("Tab")
    await page.reload()
    await expect(page.get_by_label("What is happening")).to_have_value("login broken")


async def test_options_that_the_app_looks_up_appear_while_one_types(screens: Screens, app: TinyApp) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    await page.get_by_label("What is happening").fill("zone")
    zone = page.get_by_role("combobox", name="Zone")
    await zone.click()
    await zone.press_sequentially("berl")
    await page.get_by_role("option", name="Europe/Berlin").click()
    await expect(zone).to_have_value("Europe/Berlin")
    await page.get_by_test_id("submit").click()
    values = (await app.received("submission"))["view"]["state"]["values"]
    assert values["zone"]["zones"]["selected_option"]["value"] == "Europe/Berlin"


async def test_pushed_forms_lie_on_each_other_and_escape_leads_back_with_the_text_kept(
    screens: Screens, app: TinyApp
) -> None:
    app.answer = {"response_action": "push", "view": form(title=plain("One more thing"))}
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    await page.get_by_label("What is happening").fill("first")
    await page.get_by_test_id("submit").click()
    await expect(page.get_by_role("dialog", name="One more thing")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Tell us")).to_be_visible()
    await expect(page.get_by_label("What is happening")).to_have_value("first")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def test_focus_stays_inside_an_open_form(screens: Screens, app: TinyApp) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await open_form(page)
    for _ in range(12):
        await page.keyboard.press("Tab")
        inside = "!document.activeElement.closest('#top, #body')"
        assert await page.evaluate(inside), await page.evaluate("document.activeElement.outerHTML")


async def test_every_kind_of_input_gives_the_app_what_was_entered(
    screens: Screens, app: TinyApp, workspace: Workspace
) -> None:
    app.answer = {"response_action": "update", "view": form(blocks=EVERY_INPUT, title=plain("Everything"))}
    page = await screens.open("?as=Cara&channel=care")
    await open_form(page)
    await page.get_by_label("What is happening").fill("x")
    await page.get_by_test_id("submit").click()
    await expect(page.get_by_role("dialog", name="Everything")).to_be_visible()
    await page.get_by_label("Words").fill("several\nlines")
    await page.get_by_label("Number").fill("7")
    await page.get_by_label("E-mail").fill("mei@example.com")
    await page.get_by_label("Link").fill("https://example.com/1")
    await page.get_by_label("Date", exact=True).fill("2026-06-05")
    await page.get_by_label("Time", exact=True).fill("10:45")
    await page.get_by_label("Moment").fill("2026-06-05T10:45")
    await page.get_by_label("Second way").check()
    await page.get_by_label("Loud").check()
    await pick(page, "People", "Aoife", "Ben")
    await pick(page, "Person", "Cara")
    await pick(page, "Place", "#care")
    await pick(page, "Public", "#random")
    app.answer = {}
    app.seen.clear()
    await page.get_by_test_id("submit").click()
    values = (await app.received("submission"))["view"]["state"]["values"]
    person = workspace.person
    assert {block: next(iter(elements.values())) for block, elements in values.items()} == {
        "words": {"type": "plain_text_input", "value": "several\nlines"},
        "number": {"type": "number_input", "value": "7"},
        "email": {"type": "email_text_input", "value": "mei@example.com"},
        "link": {"type": "url_text_input", "value": "https://example.com/1"},
        "date": {"type": "datepicker", "selected_date": "2026-06-05"},
        "time": {"type": "timepicker", "selected_time": "10:45"},
        # 10:45 in Manila, where Cara is
        "moment": {"type": "datetimepicker", "selected_date_time": 1780627500},
        "way": {"type": "radio_buttons", "selected_option": {"text": plain("Second way"), "value": "2"}},
        "flags": {"type": "checkboxes", "selected_options": [{"text": plain("Loud"), "value": "loud"}]},
        "people": {"type": "multi_users_select", "selected_users": [person("Aoife").id, person("Ben").id]},
        "person": {"type": "users_select", "selected_user": person("Cara").id},
        "place": {"type": "conversations_select", "selected_conversation": workspace.channel("care").id},
        "public": {"type": "multi_channels_select", "selected_channels": [workspace.channel("random").id]},
    }


# -- messages ---------------------------------------------------------------------------------------------------------


async def test_a_click_changes_the_message_on_everybodys_screen(
    screens: Screens, app: TinyApp, workspace: Workspace
) -> None:
    ben = await screens.open("?as=Ben&channel=care")
    cara = await screens.open("?as=Cara&channel=care")
    await app.client.chat_postMessage(
        channel=workspace.channel("care").id, text="E-7", blocks=card("*E-7* is waiting", "Claim")
    )
    await expect(cara.get_by_text("E-7 is waiting")).to_be_visible()
    await ben.get_by_role("button", name="Claim").click()
    await expect(cara.get_by_text("Claimed by @Ben")).to_be_visible()
    await expect(ben.get_by_role("button", name="Resolve")).to_be_visible()
    await expect(ben.get_by_role("button", name="Claim")).to_have_count(0)


async def test_a_private_answer_is_marked_so_and_on_nobody_elses_screen(screens: Screens, app: TinyApp) -> None:
    ben = await screens.open("?as=Ben&channel=care")
    cara = await screens.open("?as=Cara&channel=care")
    await send(ben, "/raw hello")
    answer = ben.get_by_role("article").filter(has_text="you said hello")
    await expect(answer).to_contain_text("Only visible to you")
    await send(cara, "good morning")
    await expect(cara.get_by_text("good morning")).to_be_visible()
    await expect(cara.get_by_text("you said hello")).to_have_count(0)


async def test_a_command_that_nobody_acknowledges_comes_back_into_the_composer(
    screens: Screens, simulator: Simulator
) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await send(page, "/form now")
    await expect(page.get_by_text("Tiny didn't answer within 3 seconds")).to_be_visible()
    await expect(page.get_by_test_id("composer")).to_have_value("/form now")


async def test_shortcuts_are_where_people_look_for_them(screens: Screens, app: TinyApp) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await send(page, "the login is broken")
    message = page.get_by_role("article").filter(has_text="the login is broken")
    await message.hover()
    await message.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Quote").click()
    await expect(page.get_by_text("quoted the login is broken")).to_be_visible()
    await page.get_by_test_id("shortcuts").click()
    await page.get_by_role("menuitem", name="Tell").click()
    await expect(page.get_by_role("dialog", name="From anywhere")).to_be_visible()


async def test_a_thread_opens_beside_the_channel_and_the_address_leads_back_to_it(
    screens: Screens, app: TinyApp
) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await send(page, "who knows more?")
    message = page.get_by_role("article").filter(has_text="who knows more?")
    await message.hover()
    await message.get_by_role("button", name="Reply in thread").click()
    panel = page.get_by_test_id("thread-panel")
    await expect(page.get_by_test_id("thread-composer")).to_be_focused()
    await page.keyboard.type("I do")
    await page.keyboard.press("Enter")
    await expect(panel.get_by_text("I do")).to_be_visible()
    await expect(page.get_by_test_id("messages").get_by_text("1 reply")).to_be_visible()
    other = await screens.open(page.url.split("/")[-1].replace("as=Ben", "as=Cara"))
    await expect(other.get_by_test_id("thread-panel").get_by_text("I do")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()


async def test_a_permalink_of_the_workspace_leads_to_its_message_in_the_page(
    screens: Screens, workspace: Workspace
) -> None:
    care, random = workspace.channel("care"), workspace.channel("random")
    there = workspace.post(care, workspace.person("Cara"), "the place to be")
    workspace.post(random, workspace.bot, f"see <{workspace.permalink(care, there['ts'])}|the card>")
    page = await screens.open("?as=Ben&channel=random")
    await page.get_by_role("link", name="the card").click()
    await expect(page.get_by_test_id(f"message-{there['ts']}")).to_be_focused()
    await expect(page.get_by_test_id("channel-name")).to_have_text("care")


async def test_every_block_and_element_is_drawn(screens: Screens, workspace: Workspace) -> None:
    care, bot = workspace.channel("care"), workspace.bot
    workspace.post(care, bot, "all", blocks=EVERY_BLOCK)
    page = await screens.open("?as=Ben&channel=care")
    shown = page.get_by_role("article")
    await expect(shown.get_by_role("button", name="Press")).to_be_visible()
    await expect(shown.get_by_role("link", name="Open")).to_have_attribute("href", "https://example.com")
    await expect(shown.get_by_role("heading", name="A header")).to_be_visible()
    await expect(shown.get_by_role("combobox", name="Choose")).to_be_visible()
    await expect(shown.get_by_role("cell", name="96 %")).to_be_visible()
    await expect(shown.get_by_text("inner", exact=True)).to_be_visible()
    assert await page.locator(".unknown").count() == 0


async def test_a_block_that_the_page_does_not_know_is_shown_loudly(screens: Screens, workspace: Workspace) -> None:
    workspace.post(workspace.channel("care"), workspace.bot, "x", blocks=[{"type": "hologram", "block_id": "h"}])
    page = await screens.open("?as=Ben&channel=care")
    await expect(page.get_by_role("alert").filter(has_text="can't show the block “hologram”")).to_be_visible()


MRKDWN = [
    ("*bold* _it_ ~no~ `a*b*`", "<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*</code>"),
    ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
    ("*a _b_ c*", "<strong>a <em>b</em> c</strong>"),
    ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
    ("&gt; quoted\nnot", "<blockquote>quoted</blockquote>not"),
    ("```a\n*b*```", "<pre>a\n*b*</pre>"),
    (
        "<https://example.com/a_b_c|see *it*>",
        '<a href="https://example.com/a_b_c" target="_blank" rel="noopener noreferrer">see *it*</a>',
    ),
    ("<javascript:alert(1)|click>", '<span class="dead-link" title="javascript:alert(1)">click</span>'),
    ("<img src=x onerror=alert(1)>", "<span>&lt;img src=x onerror=alert(1)&gt;</span>"),
]


async def test_mrkdwn_is_read_as_slack_reads_it(screens: Screens, workspace: Workspace) -> None:
    for text, _ in MRKDWN:
        workspace.post(workspace.channel("care"), workspace.person("Cara"), text)
    page = await screens.open("?as=Ben&channel=care")
    shown = await page.locator(".message .text").evaluate_all("nodes => nodes.map(node => node.innerHTML)")
    assert shown == [html for _, html in MRKDWN]


async def test_dates_are_in_the_zone_of_whoever_reads(screens: Screens, workspace: Workspace) -> None:
    text = "<!date^1780394400^{date_short_pretty} at {time}|10:00 UTC>, <!date^1780476000^{date_short}|x>"
    workspace.post(workspace.channel("care"), workspace.bot, text)
    ben = await screens.open("?as=Ben&channel=care")
    await expect(ben.get_by_role("article")).to_contain_text("Today at 11:00, Jun 3, 2026")
    cara = await screens.open("?as=Cara&channel=care")
    await expect(cara.get_by_role("article")).to_contain_text("Today at 18:00, Jun 3, 2026")


async def test_moments_are_read_in_the_persons_zone_through_every_change_of_summer_time(screens: Screens) -> None:
    """Readings that don't exist shift forward, readings that come twice are the first: Python's `fold=0`."""
    readings = [
        (zone, datetime(2026, month, day) + timedelta(minutes=15 * quarter))  # noqa: DTZ001 - a reading of a wall clock
        for zone, days in {
            "Europe/Dublin": [(3, 29), (10, 25)],
            "America/New_York": [(3, 8), (11, 1)],
            "Australia/Lord_Howe": [(4, 5), (10, 4)],
            "America/Santiago": [(4, 4), (9, 6)],
            "Asia/Manila": [(6, 5)],
        }.items()
        for month, day in days
        for quarter in range(-8, 32)
    ]
    page = await screens.open("?as=Ben")
    seconds = await page.evaluate(
        """async (readings) => {
            const { instantOf } = await import("/page/times.js");
            return readings.map(([zone, reading]) => instantOf(reading, zone));
        }""",
        [[zone, wall.isoformat()] for zone, wall in readings],
    )
    assert seconds == [int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp()) for zone, wall in readings]


async def test_a_confirm_dialog_stands_before_the_click(screens: Screens, app: TinyApp, workspace: Workspace) -> None:
    blocks: list[dict[str, Any]] = card("*E-7*", "Claim")
    blocks[1]["elements"][0]["confirm"] = {
        "title": plain("Claim E-7?"),
        "text": plain("Then it is yours."),
        "confirm": plain("Claim it"),
        "deny": plain("Not now"),
    }
    workspace.post(workspace.channel("care"), workspace.bot, "E-7", blocks=blocks)
    page = await screens.open("?as=Ben&channel=care")
    await page.get_by_role("button", name="Claim").click()
    await page.get_by_role("button", name="Not now").click()
    assert app.seen == []
    await page.get_by_role("button", name="Claim").click()
    await page.get_by_role("button", name="Claim it").click()
    await expect(page.get_by_text("Claimed by @Ben")).to_be_visible()


# -- places and people ------------------------------------------------------------------------------------------------


async def test_private_channels_stand_in_their_members_list_only(screens: Screens) -> None:
    aoife = await screens.open("?as=Aoife")
    await expect(aoife.get_by_test_id("channel-leads")).to_be_visible()
    ben = await screens.open("?as=Ben&channel=leads")
    await expect(ben.get_by_test_id("channel-leads")).to_have_count(0)
    await expect(ben.get_by_text("Ben can't see “leads”.")).to_be_visible()


async def test_switching_the_person_shows_their_role_and_their_time(screens: Screens) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await expect(page.get_by_test_id("clock-now")).to_contain_text("09:00 Dublin")
    await page.get_by_test_id("person-switch").click()
    await expect(page.get_by_test_id("person-Aoife")).to_contain_text("Admin")
    await expect(page.get_by_test_id("person-Gus")).to_contain_text("Guest")
    await expect(page.get_by_test_id("person-Cara")).to_contain_text("16:00 Manila")
    await page.get_by_test_id("person-Cara").click()
    await expect(page.get_by_test_id("clock-now")).to_contain_text("16:00 Manila")
    assert "as=Cara&channel=care" in page.url


async def test_what_notifies_somebody_is_counted_until_they_look(
    screens: Screens, simulator: Simulator, workspace: Workspace
) -> None:
    cara = await screens.open("?as=Cara&channel=random")
    ben = await screens.open("?as=Ben&channel=care")
    await send(ben, "@Cara can you look?")
    place = cara.get_by_test_id("channel-care")
    await expect(place).to_have_accessible_name("channel care, 1 new for you")
    await expect(ben.get_by_role("button", name="Acting as Ben. Switch person. Others have news")).to_be_visible()
    await place.click()
    await expect(cara.get_by_role("separator", name="New messages")).to_have_count(0)
    await expect(place).to_have_accessible_name("channel care")
    await expect(ben.get_by_role("button", name="Acting as Ben. Switch person", exact=True)).to_be_visible()


async def test_what_was_there_before_anybody_looked_is_no_news(screens: Screens, workspace: Workspace) -> None:
    workspace.post(workspace.im_with("Ben"), workspace.bot, "from last week")
    page = await screens.open("?as=Ben&channel=care")
    await expect(page.get_by_test_id("dm-bot")).to_have_accessible_name("Tiny")
    workspace.post(workspace.im_with("Ben"), workspace.bot, "from now")
    await expect(page.get_by_test_id("dm-bot")).to_have_accessible_name("Tiny, 1 new for you")


async def test_home_is_published_when_its_tab_is_opened_and_its_buttons_work(screens: Screens, app: TinyApp) -> None:
    page = await screens.open("?as=Ben&channel=@Tiny")
    await page.get_by_test_id("home-tab").click()
    await expect(page.get_by_test_id("home")).to_contain_text("Good morning")
    assert "tab=home" in page.url


async def test_a_channel_from_outside_can_be_joined(screens: Screens, workspace: Workspace) -> None:
    page = await screens.open("?as=Aoife&channel=random")
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()
    assert workspace.person("Aoife").id in workspace.channel("random").members


async def test_the_app_is_invited_as_in_slack(screens: Screens, workspace: Workspace) -> None:
    page = await screens.open("?as=Aoife&channel=leads")
    await page.get_by_test_id("composer").press_sequentially("/inv")
    await page.keyboard.press("Tab")
    await page.keyboard.type("@ti")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#channel-about")).to_have_text("2 members")
    assert workspace.bot.id in workspace.channel("leads").members
    await send(page, "/invite @nobody")
    await expect(page.get_by_text("nobody here is called “@nobody”")).to_be_visible()


async def test_a_channel_can_be_archived_and_brought_back(screens: Screens, workspace: Workspace) -> None:
    page = await screens.open("?as=Ben&channel=random")
    await send(page, "/archive")
    await expect(page.get_by_text("This channel is archived.")).to_be_visible()
    await expect(page.get_by_test_id("composer")).to_be_hidden()
    await page.get_by_test_id("unarchive").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()


async def test_back_and_forward_lead_through_the_screens_that_were_seen(screens: Screens) -> None:
    page = await screens.open("?as=Ben&channel=care")
    name = page.get_by_test_id("channel-name")
    await page.get_by_test_id("channel-random").click()
    await expect(name).to_have_text("random")
    await page.get_by_test_id("dm-bot").click()
    await expect(name).to_have_text("Tiny")
    await page.go_back()
    await expect(name).to_have_text("random")
    await page.go_back()
    await expect(name).to_have_text("care")
    await page.go_forward()
    await expect(name).to_have_text("random")


async def test_a_conversation_says_what_it_is_itself_and_not_what_was_shown_before(screens: Screens) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await page.get_by_test_id("dm-bot").click()
    await expect(page.get_by_text("Messages between you and Tiny. Nobody else sees them.")).to_be_visible()


async def test_arrow_keys_walk_the_channel_list(screens: Screens) -> None:
    page = await screens.open("?as=Ben&channel=care")
    await page.get_by_test_id("channel-care").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_test_id("channel-random")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("channel-name")).to_have_text("random")


async def test_on_a_phone_nothing_is_cut_off_and_channels_are_in_a_drawer(
    screens: Screens, workspace: Workspace
) -> None:
    workspace.post(workspace.channel("care"), workspace.bot, "all", blocks=EVERY_BLOCK)
    page = await screens.open("?as=Ben&channel=random", size=PHONE, has_touch=True, is_mobile=True)
    await expect(page.get_by_test_id("channel-care")).not_to_be_in_viewport()
    await page.get_by_test_id("drawer").click()
    await page.get_by_test_id("channel-care").click()
    await expect(page.get_by_role("heading", name="A header")).to_be_visible()
    await expect(page.get_by_test_id("channel-care")).not_to_be_in_viewport()
    for region in ("html", "#messages", "#top"):
        assert (
            await page.evaluate(
                "s => { const e = document.querySelector(s); return e.scrollWidth - e.clientWidth }", region
            )
            <= 0
        )


async def test_a_lost_connection_is_said_and_mends_itself(
    screens: Screens, simulator: Simulator, workspace: Workspace, clock: Clock
) -> None:
    page = await screens.open("?as=Ben&channel=care")
    port = int(simulator.base_url.rpartition(":")[2])
    await simulator.stop()
    lost = page.get_by_text("Connection lost. Trying again…")
    await expect(lost).to_be_visible()
    workspace.post(workspace.channel("care"), workspace.person("Cara"), "said meanwhile")
    again = Simulator(workspace, now=clock, manifest=MANIFEST)
    add_page(again.web, again, clock=PageClock(clock))
    await again.start(port)
    try:
        await expect(page.get_by_text("said meanwhile")).to_be_visible()
        await expect(lost).to_be_hidden()
        await screens.close()
    finally:
        await again.stop()
    screens.complaints.clear()  # the browser notes each failed attempt to connect


# -- the clock --------------------------------------------------------------------------------------------------------


async def test_the_clock_is_moved_by_steps_and_to_the_next_morning_of_whoever_acts(
    screens: Screens, clock: Clock
) -> None:
    page = await screens.open("?as=Cara&channel=care")
    now = page.get_by_test_id("clock-now")
    await page.get_by_test_id("clock-advance-15m").click()
    await expect(now).to_contain_text("Tue 2 Jun 16:15 Manila")
    await page.get_by_test_id("clock-advance-1h").click()
    await expect(now).to_contain_text("Tue 2 Jun 17:15 Manila")
    await page.get_by_test_id("clock-next-morning").click()
    await expect(now).to_contain_text("Wed 3 Jun 09:00 Manila")
    assert clock().isoformat() == "2026-06-03T01:00:00+00:00"


async def test_the_next_morning_is_at_nine_across_the_end_of_summer_time(screens: Screens, clock: Clock) -> None:
    clock.at = clock.at.replace(month=10, day=24, hour=12)
    page = await screens.open("?as=Ben&channel=care")
    await page.get_by_test_id("clock-next-morning").click()
    await expect(page.get_by_test_id("clock-now")).to_contain_text("Sun 25 Oct 09:00 Dublin")
    assert clock().isoformat() == "2026-10-25T09:00:00+00:00"


async def test_without_a_movable_clock_the_time_is_shown_and_cannot_be_moved(
    browser: Browser, workspace: Workspace, clock: Clock
) -> None:
    simulator = Simulator(workspace, now=clock, manifest=MANIFEST)
    add_page(simulator.web, simulator)
    await simulator.start()
    try:
        screens = Screens(browser, simulator)
        page = await screens.open("?as=Ben")
        await expect(page.get_by_test_id("clock-now")).to_be_visible()
        await expect(page.get_by_test_id("clock-advance-15m")).to_be_hidden()
        await screens.close()
    finally:
        await simulator.stop()


async def test_an_hour_without_the_bot_is_offered_where_the_clock_can_do_it(
    browser: Browser, workspace: Workspace, clock: Clock
) -> None:
    simulator = Simulator(workspace, now=clock, manifest=MANIFEST)
    outages = OutageClock(clock)
    add_page(simulator.web, simulator, clock=outages)
    await simulator.start()
    try:
        screens = Screens(browser, simulator)
        page = await screens.open("?as=Ben")
        await page.get_by_test_id("clock-outage-1h").click()
        await expect(page.get_by_test_id("clock-now")).to_contain_text("10:00 Dublin")
        assert outages.slept == timedelta(hours=1)
        await screens.close()
    finally:
        await simulator.stop()


# -- strangers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example", "Content-Type": "application/json"}, 403),
        ({"Content-Type": "application/json"}, 403),
        ({"Host": "rebound.example", "Origin": "http://rebound.example", "Content-Type": "application/json"}, 403),
        ({"Origin": "{own}", "Content-Type": "text/plain"}, 415),
        ({"Origin": "{own}", "Content-Type": "application/json"}, 200),
    ],
)
async def test_only_the_page_itself_may_act(
    simulator: Simulator, workspace: Workspace, headers: dict[str, str], status: int
) -> None:
    body = f'{{"as": "Ben", "channel": "{workspace.channel("care").id}", "text": "hi"}}'
    own = {name: value.format(own=simulator.base_url) for name, value in headers.items()}
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{simulator.base_url}/page/say", data=body, headers=own)
        assert answer.status == status
    assert len(workspace.channel("care").timeline) == (1 if status == 200 else 0)


async def test_another_sites_script_can_read_nothing(simulator: Simulator) -> None:
    async with aiohttp.ClientSession() as session:
        for headers in ({"Origin": "https://evil.example"}, {"Host": "rebound.example"}):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await session.ws_connect(f"{simulator.base_url}/page/ws", headers=headers)
        assert (await session.get(f"{simulator.base_url}/", headers={"Host": "rebound.example"})).status == 403


async def test_nothing_outside_the_pages_folder_is_served(simulator: Simulator) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/page/..%2Fserver.py", "/page/server.py", "/page/files/..%2F..%2Fserver.py"):
            assert (await session.get(f"{simulator.base_url}{path}")).status == 404

"""HubSpot: pulled through a search that shows ten thousand rows, of an account that names its own stages."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import aiohttp
import pytest

from bot.helpdesks import DeskRefusedError, Push, SlowDownError
from bot.helpdesks.hubspot import HubSpot
from simulator.desks import hubspot as vendor
from simulator.desks import serving
from simulator.desks.hubspot import fine
from storage.pulled import Priority, RatingKind, Status
from tests.bot.helpdesks.conftest import NOON, pull

MORNING = NOON - timedelta(hours=3)
SINCE = NOON - timedelta(weeks=8)
SECRET = "app-secret"
URL = "https://bot.acme.example/push/hubspot?x=a%2Fb%20c"


@pytest.fixture
async def acme() -> AsyncIterator[vendor.HubSpot]:
    desk = vendor.HubSpot()
    ramon = {"id": "11", "firstName": "Ramon", "lastName": "Cruz", "email": "ramon@acme.example", "archived": False}
    desk.owners = [ramon, {"id": "12", "email": "gone@acme.example", "archived": True}]
    desk.add("companies", "77", MORNING, name="Customer Ltd", hs_customer_tier="vip")
    desk.add("contacts", "21", MORNING, email="Carla@customer.example", firstname="Carla", lastname=None)
    await desk.start()
    yield desk
    await desk.stop()


@pytest.fixture
def ours(acme: vendor.HubSpot, http: aiohttp.ClientSession) -> HubSpot:
    desk = HubSpot(http, base_url=acme.base_url, token=vendor.TOKEN, clock=lambda: NOON, push_secret=SECRET)
    # as many searches a second as the test likes
    desk._asking._searches._most = 1000
    return desk


async def test_a_ticket_in_our_words_beside_its_own(acme: vendor.HubSpot, ours: HubSpot) -> None:
    replied = MORNING + timedelta(minutes=30)
    acme.add(
        "tickets",
        "1",
        MORNING,
        hs_lastmodifieddate=fine(NOON),
        subject="Can’t log in",
        hs_pipeline="0",
        hs_pipeline_stage="4",
        hs_ticket_priority="MEDIUM",
        hs_ticket_category="PRODUCT_ISSUE;BILLING",
        hubspot_owner_id="11",
        source_type="EMAIL",
        closed_date=fine(NOON),
        first_agent_reply_date=fine(replied),
        hs_time_to_close_sla_status="2",
    )
    acme.linked["companies", "1"] = ["77"]
    acme.linked["contacts", "1"] = ["21"]
    acme.add("tickets", "2", MORNING, hs_pipeline="0", hs_pipeline_stage="1")
    acme.linked["contacts", "2"] = ["21"]
    pulled = await pull(ours, SINCE)
    told, other = pulled.tickets["1"], pulled.tickets["2"]
    assert (told.status, told.status_raw, told.priority, told.priority_raw) == (
        Status.CLOSED,
        "Closed",
        Priority.NORMAL,
        "MEDIUM",
    )
    assert (told.customer_key, told.customer_name, told.customer_is_vip) == ("company:77", "Customer Ltd", True)
    assert (told.assignee_external_id, told.assignee_email, told.assignee_name) == (
        "11",
        "ramon@acme.example",
        "Ramon Cruz",
    )
    assert (told.group, told.channel, told.tags) == ("Support", "email", ["product_issue", "billing"])
    assert (told.first_agent_reply_at, told.solved_at, told.sla_breached) == (replied, NOON, True)
    assert told.url == "https://app-eu1.hubspot.com/contacts/4711/record/0-5/1" == ours.url_of("1")
    assert (other.status, other.customer_key, other.customer_name) == (Status.NEW, "carla@customer.example", "Carla")
    assert (other.priority, other.first_agent_reply_at, other.replies, other.sla_breached) == (None, None, None, None)


async def test_stages_are_read_by_what_they_are_called(acme: vendor.HubSpot, ours: HubSpot) -> None:
    for stage in ("1", "2", "3", "4", "5", "unheard-of"):
        id_ = "99" if stage == "unheard-of" else stage
        acme.add("tickets", id_, MORNING, hs_pipeline_stage=stage)
    statuses = {id_: ticket.status for id_, ticket in (await pull(ours, SINCE)).tickets.items()}
    assert statuses == {
        "1": Status.NEW,
        "2": Status.PENDING,
        "3": Status.OPEN,
        "4": Status.CLOSED,
        "5": Status.HOLD,
        "99": Status.OPEN,
    }


async def test_more_than_the_search_shows(acme: vendor.HubSpot, ours: HubSpot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "MOST_FOUND", 400)
    monkeypatch.setattr("bot.helpdesks.hubspot.PAGES", 2)
    for number in range(1100):
        # the first two hundred and fifty at one instant, as an import leaves them
        at = MORNING + timedelta(milliseconds=max(0, number - 250))
        acme.add("tickets", str(number), at, hs_pipeline_stage="1")
    pulled = await pull(ours, SINCE)
    assert len(pulled.tickets) == 1100
    assert pulled.pages[0].total == 1100


async def test_the_next_pull_begins_a_minute_earlier(acme: vendor.HubSpot, ours: HubSpot) -> None:
    acme.add("tickets", "1", MORNING, hs_pipeline_stage="1")
    first = await pull(ours, SINCE)
    # the search was behind: this one had changed before the other, and wasn't there yet
    acme.add("tickets", "2", MORNING - timedelta(seconds=50), hs_pipeline_stage="1")
    second = await pull(ours, SINCE, first.cursor)
    assert "2" in second.tickets
    third = await pull(ours, SINCE, second.cursor)
    assert third.cursor == second.cursor, "a quiet source stays where it is"


async def test_a_new_stage_or_owner_is_learnt(acme: vendor.HubSpot, ours: HubSpot) -> None:
    acme.add("tickets", "1", MORNING, hs_pipeline_stage="1")
    first = await pull(ours, SINCE)
    done = {"id": "90", "label": "Done", "metadata": {"ticketState": "CLOSED"}}
    acme.pipelines.append({"id": "9", "label": "Billing", "stages": [done]})
    acme.owners.append({"id": "13", "firstName": "New", "email": "new@acme.example", "archived": False})
    acme.add("tickets", "2", NOON, hs_pipeline="9", hs_pipeline_stage="90", hubspot_owner_id="13")
    told = (await pull(ours, SINCE, first.cursor)).tickets["2"]
    assert (told.group, told.status, told.assignee_name) == ("Billing", Status.CLOSED, "New")
    acme.add("tickets", "3", NOON, hs_pipeline_stage="no such stage")
    second = await pull(ours, SINCE, first.cursor)
    acme.forget()
    await pull(ours, SINCE, second.cursor)
    assert "/crm/v3/owners" not in acme.paths(), "what HubSpot doesn't know itself is asked for once"


async def test_deleted_and_merged_tickets_are_told(acme: vendor.HubSpot, ours: HubSpot) -> None:
    acme.longest_page = 2
    acme.archived = ["5", "6", "7"]
    acme.add("tickets", "1", MORNING, hs_pipeline_stage="1", hs_merged_object_ids="3;4")
    first = await pull(ours, SINCE)
    assert first.deleted == {"3", "4", "5", "6"}
    second = await pull(ours, SINCE, first.cursor)
    assert "7" in second.deleted, "one page of the recycling bin a pull"
    assert "5" in (await pull(ours, SINCE, second.cursor)).deleted


async def test_answers_of_three_kinds_of_surveys(acme: vendor.HubSpot, ours: HubSpot) -> None:
    answers = {"1": ("CSAT", "5"), "2": ("CSAT", "3"), "3": ("CSAT", "1"), "4": ("NPS", "9"), "5": ("CES", "6")}
    for id_, (kind, value) in {**answers, "6": ("CUSTOM", "1"), "7": ("NPS", "")}.items():
        submitted = fine(NOON)
        told = {"hs_survey_type": kind, "hs_value": value, "hs_ticket_id": "1", "hs_submission_timestamp": submitted}
        acme.add("feedback_submissions", id_, MORNING, **told, hs_response_group="PROMOTER" if kind == "NPS" else None)
    ratings = (await pull(ours, SINCE)).ratings
    assert {id_: (rating.kind, rating.value) for id_, rating in ratings.items()} == {
        "1": (RatingKind.CSAT, 1.0),
        "2": (RatingKind.CSAT, 0.5),
        "3": (RatingKind.CSAT, 0.0),
        "4": (RatingKind.NPS, 9.0),
        "5": (RatingKind.CES, 6.0),
        "7": (RatingKind.NPS, None),
    }
    assert (ratings["4"].raw, ratings["4"].at, ratings["4"].ticket_external_id) == ("9 (PROMOTER)", NOON, "1")


async def test_a_private_app_with_few_scopes_still_pulls(acme: vendor.HubSpot, ours: HubSpot) -> None:
    acme.closed |= {
        "/crm/v3/owners",
        "/crm/v3/objects/feedback_submissions",
        "/crm/v4/associations",
        "/crm/v3/properties",
    }
    acme.add("tickets", "1", MORNING, hs_pipeline_stage="1", hubspot_owner_id="11")
    told = (await pull(ours, SINCE)).tickets["1"]
    assert (told.assignee_external_id, told.assignee_email, told.customer_key) == ("11", None, None)
    missing = (await ours.check()).missing
    assert ["owners" in missing[0], "feedback_submissions" in missing[1]] == [True, True]
    with pytest.raises(DeskRefusedError, match="owners"):
        await ours.agents()


async def test_check_says_who_we_are(acme: vendor.HubSpot, ours: HubSpot, http: aiohttp.ClientSession) -> None:
    sound = await ours.check()
    assert (sound.account, sound.missing, sound.groups) == ("account 4711", [], ["Support"])
    assert {agent.external_id: agent.active for agent in await ours.agents()} == {"11": True, "12": False}
    with pytest.raises(DeskRefusedError, match="credentials"):
        await HubSpot(http, base_url=acme.base_url, token="wrong", clock=lambda: NOON).check()


async def test_limits_are_kept(acme: vendor.HubSpot, ours: HubSpot) -> None:
    acme.next(serving.too_many(None), path="/crm/v3/objects/tickets/search")
    with pytest.raises(SlowDownError):
        await pull(ours, SINCE)


async def test_the_budget_of_ten_seconds_is_kept(acme: vendor.HubSpot, ours: HubSpot) -> None:
    acme.headers = {
        "X-HubSpot-RateLimit-Max": "100",
        "X-HubSpot-RateLimit-Remaining": "3",
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
    }
    with pytest.raises(SlowDownError, match="10 s"):
        await pull(ours, SINCE)


async def test_the_conversation_from_the_inbox_or_from_mails(acme: vendor.HubSpot, ours: HubSpot) -> None:
    acme.add("tickets", "1", MORNING, hs_pipeline_stage="1")
    mail = {"hs_timestamp": fine(MORNING), "hs_email_direction": "INCOMING_EMAIL", "hs_email_text": "I can’t log in"}
    acme.add("emails", "500", MORNING, **mail, hs_email_from_firstname="Carla")
    acme.linked["emails", "1"] = ["500"]
    by_mail = await ours.context("1")
    assert by_mail is not None
    assert [(turn.by, turn.text, turn.from_agent) for turn in by_mail.conversation] == [
        ("Carla", "I can’t log in", False)
    ]
    acme.threads["1"] = [
        {"type": "MESSAGE", "direction": "INCOMING", "createdAt": fine(MORNING), "text": "Hello", "senders": []},
        {"type": "COMMENT", "createdAt": fine(NOON), "text": "aside", "senders": [{"name": "Ramon"}]},
        {"type": "THREAD_STATUS_CHANGE", "createdAt": fine(NOON)},
    ]
    from_inbox = await ours.context("1")
    assert from_inbox is not None
    assert [(turn.by, turn.text, turn.from_agent, turn.public) for turn in from_inbox.conversation] == [
        ("the customer", "Hello", False, True),
        ("Ramon", "aside", True, False),
    ]
    assert await ours.context("404") is None


async def test_a_note_stands_on_its_ticket(acme: vendor.HubSpot, ours: HubSpot) -> None:
    acme.add("tickets", "1", MORNING, hs_pipeline_stage="1")
    assert not await ours.has_note("1", "E-7 & co")
    await ours.note("1", "E-7 & co\nis resolved")
    assert await ours.has_note("1", "E-7 & co")
    assert not await ours.has_note("1", "E-8")
    [note] = acme.objects["notes"].values()
    assert note["properties"]["hs_note_body"] == "E-7 &amp; co<br>is resolved"


def signed(body: bytes, at: datetime, *, url: str, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(at.timestamp() * 1000))
    digest = hmac.new(secret.encode(), b"POST" + url.encode() + body + timestamp.encode(), hashlib.sha256).digest()
    return {
        "x-hubspot-signature-v3": base64.b64encode(digest).decode(),
        "x-hubspot-request-timestamp": timestamp,
    }


def test_only_what_hubspot_signed_lately_is_genuine(ours: HubSpot, http: aiohttp.ClientSession) -> None:
    def push(headers: dict[str, str], body: bytes = b"[{}]") -> Push:
        return Push(method="POST", url=URL, headers=headers, body=body)

    # what it signs is decoded, but for what a query needs
    good = signed(b"[{}]", NOON, url="https://bot.acme.example/push/hubspot?x=a/b%20c")
    assert ours.is_genuine(push(good), now=NOON)
    assert not ours.is_genuine(push(good), now=NOON + timedelta(minutes=6))
    assert not ours.is_genuine(push(good, b"[]"), now=NOON)
    assert not ours.is_genuine(push(signed(b"[{}]", NOON, url=URL, secret="other")), now=NOON)
    for stamp in ("", "now", "9" * 40, "١٧٠٠٠٠٠٠٠٠"):
        assert not ours.is_genuine(push({**good, "x-hubspot-request-timestamp": stamp}), now=NOON)
    assert not ours.is_genuine(push({}), now=NOON)
    assert not HubSpot(http, token="t", clock=lambda: NOON).is_genuine(push(good), now=NOON)

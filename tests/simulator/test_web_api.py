"""The Web API as an app meets it: tokens, scopes, visibility, limits, pages, and the ways in which Slack refuses."""

from collections.abc import AsyncIterator, Awaitable
from copy import deepcopy
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from simulator.server import Simulator
from simulator.workspace import Workspace
from tests.simulator.conftest import MANIFEST, Clock
from tests.simulator.tiny_app import card, form


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(token=simulator.bot_token, base_url=simulator.api_url, session=session, retry_handlers=[])


async def refusal(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


def ids(workspace: Workspace, *names: str) -> list[str]:
    return [workspace.channel(name).id if name[0] == "#" else workspace.person(name).id for name in names]


async def test_tokens_are_checked_and_the_date_is_the_workspaces(simulator: Simulator, clock: Clock) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{simulator.api_url}auth.test") as answer:
            assert (await answer.json())["error"] == "not_authed"
            assert parsedate_to_datetime(answer.headers["Date"]) == clock.at
        async with session.get(f"{simulator.api_url}auth.test", params={"token": "xoxb-wrong"}) as answer:
            assert (await answer.json())["error"] == "invalid_auth"
        async with session.post(f"{simulator.api_url}auth.test", data={"token": simulator.bot_token}) as answer:
            assert (await answer.json())["user_id"] == simulator.workspace.bot.id


async def test_each_token_has_its_methods(simulator: Simulator, client: AsyncWebClient) -> None:
    assert await refusal(client.api_call("apps.connections.open")) == "not_allowed_token_type"
    opened = await client.apps_connections_open(app_token=simulator.app_token)
    assert opened["url"].startswith("ws://127.0.0.1:")


async def test_what_is_unknown_is_refused_and_recorded(simulator: Simulator, client: AsyncWebClient) -> None:
    assert await refusal(client.reactions_add(channel="C1", timestamp="1.0", name="eyes")) == "unknown_method"
    await client.users_info(user=simulator.workspace.bot.id, verbose="yes")
    assert simulator.surprises == [
        "unknown method reactions.add",
        "users.info was given arguments that it doesn't read: verbose",
    ]


async def test_posting_is_refused_where_slack_refuses_it(
    workspace: Workspace, client: AsyncWebClient, simulator: Simulator
) -> None:
    care, random, leads, dan, bot = ids(workspace, "#care", "#random", "#leads", "Dan", "Tiny")

    async def posted(channel: str) -> str:
        return await refusal(client.chat_postMessage(channel=channel, text="hello"))

    assert await posted(random) == "not_in_channel"
    assert await posted(leads) == "channel_not_found"
    assert await posted("#care") == "channel_not_found"
    assert await posted(dan) == "user_disabled"
    assert await posted(bot) == "cannot_dm_bot"
    workspace.archive("care")
    assert await posted(care) == "is_archived"
    workspace.unarchive("care")
    await client.chat_postMessage(channel=care, text="hello")


async def test_a_user_id_opens_the_dm_but_is_no_conversation(
    workspace: Workspace, client: AsyncWebClient, simulator: Simulator
) -> None:
    (ben,) = ids(workspace, "Ben")
    posted = await client.chat_postMessage(channel=ben, text="hello")
    assert posted["channel"].startswith("D")
    assert await refusal(client.conversations_history(channel=ben)) == "channel_not_found"
    history = await client.conversations_history(channel=posted["channel"])
    assert [message["text"] for message in history["messages"]] == ["hello"]
    assert (await client.conversations_open(users=ben))["channel"]["id"] == posted["channel"]
    assert simulator.acts_as("Ben").sees("@Tiny")[0].text == "hello"


async def test_missing_scopes_are_named(clock: Clock, workspace: Workspace) -> None:
    manifest = deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"] = ["chat:write", "users:read"]
    simulator = Simulator(workspace, now=clock, manifest=manifest)
    await simulator.start()
    try:
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(token=simulator.bot_token, base_url=simulator.api_url, session=session)
            with pytest.raises(SlackApiError) as refused:
                await client.conversations_history(channel=workspace.channel("care").id)
            assert refused.value.response["error"] == "missing_scope"
            assert refused.value.response["needed"] == "channels:history"
            ben = await client.users_info(user=workspace.person("Ben").id)
            assert "email" not in ben["user"]["profile"]
    finally:
        await simulator.stop()


async def test_lists_are_paged_by_cursor(workspace: Workspace, client: AsyncWebClient) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = await client.users_list(limit=3, cursor=cursor)
        assert len(page["members"]) <= 3
        seen += [member["id"] for member in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert seen == [*workspace.people, "USLACKBOT"]
    assert await refusal(client.users_list(limit=3, cursor="nonsense")) == "invalid_cursor"
    listed = await client.conversations_list(types="public_channel,private_channel")
    assert [channel["name"] for channel in listed["channels"]] == ["care", "random"]
    assert await refusal(client.conversations_list(types="channels")) == "invalid_types"


async def test_people_are_described_as_slack_does(workspace: Workspace, client: AsyncWebClient) -> None:
    ben = (await client.users_info(user=workspace.person("Ben").id))["user"]
    assert (ben["tz"], ben["tz_offset"], ben["profile"]["email"]) == ("Europe/Dublin", 3600, "ben@example.com")
    dan = (await client.users_info(user=workspace.person("Dan").id))["user"]
    assert dan["deleted"]
    assert "tz" not in dan
    slackbot = (await client.users_info(user="USLACKBOT"))["user"]
    assert slackbot["is_bot"] is False
    assert (await client.users_lookupByEmail(email="BEN@example.com"))["user"]["id"] == ben["id"]
    assert await refusal(client.users_lookupByEmail(email="nobody@example.com")) == "users_not_found"
    assert await refusal(client.dnd_info(user=ben["id"])) == "missing_scope"


async def test_history_is_newest_first_and_keeps_metadata(
    workspace: Workspace, client: AsyncWebClient, clock: Clock
) -> None:
    (care,) = ids(workspace, "#care")
    first = await client.chat_postMessage(
        channel=care, text="one", metadata={"event_type": "card", "event_payload": {"key": "e:1"}}
    )
    clock.move(timedelta(minutes=1))
    await client.chat_postMessage(channel=care, text="reply", thread_ts=first["ts"])
    second = await client.chat_postMessage(channel=care, text="two")
    plain = await client.conversations_history(channel=care)
    assert [message["text"] for message in plain["messages"]] == ["two", "one"]
    assert plain["messages"][1]["reply_count"] == 1
    assert "metadata" not in plain["messages"][1]
    full = await client.conversations_history(channel=care, include_all_metadata=True, oldest="0", limit=1)
    assert full["has_more"]
    rest = await client.conversations_history(
        channel=care, include_all_metadata=True, limit=1, cursor=full["response_metadata"]["next_cursor"]
    )
    assert rest["messages"][0]["metadata"]["event_payload"] == {"key": "e:1"}
    later = await client.conversations_history(channel=care, oldest=first["ts"])
    assert [message["ts"] for message in later["messages"]] == [second["ts"]]
    thread = await client.conversations_replies(channel=care, ts=first["ts"])
    assert [message["text"] for message in thread["messages"]] == ["one", "reply"]
    assert await refusal(client.conversations_replies(channel=care, ts="1.000000")) == "thread_not_found"
    assert await refusal(client.conversations_history(channel=care, oldest="yesterday")) == "invalid_ts_oldest"


async def test_history_needs_membership_and_joining_gives_it(workspace: Workspace, client: AsyncWebClient) -> None:
    random, leads = ids(workspace, "#random", "#leads")
    assert await refusal(client.conversations_history(channel=random)) == "not_in_channel"
    assert await refusal(client.conversations_info(channel=leads)) == "channel_not_found"
    assert await refusal(client.conversations_join(channel=leads)) == "channel_not_found"
    await client.conversations_join(channel=random)
    assert (await client.conversations_history(channel=random))["messages"] == []
    members = (await client.conversations_members(channel=random))["members"]
    assert members == ids(workspace, "Ben", "Cara", "Tiny")


async def test_an_update_keeps_blocks_that_it_does_not_name(workspace: Workspace, client: AsyncWebClient) -> None:
    (care,) = ids(workspace, "#care")
    posted = await client.chat_postMessage(channel=care, text="one", blocks=card("one", "Claim"))
    await client.chat_update(channel=care, ts=posted["ts"], text="two")
    message = workspace.channel("care").messages[posted["ts"]]
    assert len(message["blocks"]) == 2
    await client.chat_update(channel=care, ts=posted["ts"], text="three", blocks=[])
    assert "blocks" not in workspace.channel("care").messages[posted["ts"]]
    assert await refusal(client.chat_update(channel=care, ts="1.000000", text="x")) == "message_not_found"
    said = workspace.post(workspace.channel("care"), workspace.person("Ben"), "mine")
    assert await refusal(client.chat_update(channel=care, ts=said["ts"], text="x")) == "cant_update_message"
    workspace.archive("care")
    assert await refusal(client.chat_update(channel=care, ts=posted["ts"], text="x")) == "is_inactive"


async def test_a_deleted_parent_leaves_a_tombstone_and_takes_no_more_edits(
    workspace: Workspace, client: AsyncWebClient
) -> None:
    (care,) = ids(workspace, "#care")
    posted = await client.chat_postMessage(channel=care, text="one")
    reply = await client.chat_postMessage(channel=care, text="two", thread_ts=posted["ts"])
    await client.chat_delete(channel=care, ts=posted["ts"])
    history = (await client.conversations_history(channel=care))["messages"]
    assert [message["subtype"] for message in history] == ["tombstone"]
    assert await refusal(client.chat_update(channel=care, ts=posted["ts"], text="x")) == "message_not_found"
    nested = client.chat_postMessage(channel=care, text="x", thread_ts=reply["ts"])
    assert await refusal(nested) == "cannot_reply_to_message"


async def test_a_reply_to_what_was_deleted_stands_in_the_channel(workspace: Workspace, client: AsyncWebClient) -> None:
    (care,) = ids(workspace, "#care")
    posted = await client.chat_postMessage(channel=care, text="one")
    threaded = await client.chat_postMessage(channel=care, text="two", thread_ts=posted["ts"])
    assert threaded["message"]["thread_ts"] == posted["ts"]
    for ts in (threaded["ts"], posted["ts"]):
        await client.chat_delete(channel=care, ts=ts)
    alone = await client.chat_postMessage(channel=care, text="three", thread_ts=posted["ts"])
    assert "thread_ts" not in alone["message"]
    assert await refusal(client.conversations_replies(channel=care, ts=posted["ts"])) == "thread_not_found"


async def test_ephemerals_need_both_in_the_channel(workspace: Workspace, client: AsyncWebClient) -> None:
    care, random, gus, ben = ids(workspace, "#care", "#random", "Gus", "Ben")
    assert await refusal(client.chat_postEphemeral(channel=care, user=gus, text="x")) == "user_not_in_channel"
    assert await refusal(client.chat_postEphemeral(channel=random, user=ben, text="x")) == "not_in_channel"
    assert await refusal(client.chat_postEphemeral(channel=ben, user=ben, text="x")) == "channel_not_found"


async def test_limits_are_answered_in_slacks_shape(workspace: Workspace, client: AsyncWebClient) -> None:
    (care,) = ids(workspace, "#care")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=care, text="x", blocks=card("y" * 3001))
    assert refused.value.response["error"] == "invalid_blocks"
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert await refusal(client.chat_postMessage(channel=care, text="x" * 4001)) == "msg_too_long"
    assert await refusal(client.api_call("chat.postMessage", json={"channel": care})) == "no_text"
    bad = client.chat_postMessage(channel=care, text="x", metadata={"event_type": "card"})
    assert await refusal(bad) == "invalid_metadata_format"
    assert await refusal(client.views_open(trigger_id="1.2.a", view=form(title=None))) == "invalid_arguments"
    assert await refusal(client.views_open(trigger_id="1.2.a", view=form())) == "invalid_trigger_id"


async def test_text_for_notifications_is_missed_and_link_names_are_not_let_pass(
    workspace: Workspace, client: AsyncWebClient, simulator: Simulator
) -> None:
    (care,) = ids(workspace, "#care")
    with pytest.warns(UserWarning, match="text"):
        await client.chat_postMessage(channel=care, blocks=card("only blocks"))
    await client.chat_postMessage(channel=care, text="@channel", link_names=True)
    assert [surprise.split(":")[0] for surprise in simulator.surprises] == [
        "chat.postMessage without top-level text",
        "chat.postMessage with link_names or parse=full",
    ]


async def test_a_file_is_uploaded_shared_and_shown(
    workspace: Workspace, client: AsyncWebClient, simulator: Simulator
) -> None:
    care, ben = ids(workspace, "#care", "Ben")
    with pytest.raises(SlackApiError, match="invalid_channel"):
        await client.files_upload_v2(channel=ben, content=b"png", filename="chart.png")
    uploaded = await client.files_upload_v2(
        channel=care, content=b"png bytes", filename="chart.png", title="Load", initial_comment="the week"
    )
    file_id = uploaded["files"][0]["id"]
    assert "Load" in simulator.acts_as("Ben").sees("#care")[0].text
    simulator.faults.lag_files(1)
    assert (await client.files_info(file=file_id))["file"]["mimetype"] == ""
    info = (await client.files_info(file=file_id))["file"]
    assert info["mimetype"] == "image/png"
    assert client.session is not None
    async with client.session.get(info["url_private"]) as answer:
        assert await answer.read() == b"png bytes"
    image = {"type": "image", "slack_file": {"id": file_id}, "alt_text": "load by day"}
    await client.chat_postMessage(channel=care, text="load", blocks=[image])
    image["slack_file"] = {"id": "F0NOTHING"}
    assert await refusal(client.chat_postMessage(channel=care, text="load", blocks=[image])) == "invalid_blocks"
    assert simulator.surprises == []


async def test_a_home_is_published_with_its_hash(workspace: Workspace, client: AsyncWebClient) -> None:
    (ben,) = ids(workspace, "Ben")
    home = {"type": "home", "blocks": card("hello")}
    first = await client.views_publish(user_id=ben, view=home)
    second = await client.views_publish(user_id=ben, view=home, hash=first["view"]["hash"])
    assert second["view"]["id"] == first["view"]["id"]
    assert await refusal(client.views_publish(user_id=ben, view=home, hash=first["view"]["hash"])) == "hash_conflict"
    assert await refusal(client.views_publish(user_id=ben, view=form())) == "invalid_arguments"


async def test_a_permalink_leads_to_the_message(workspace: Workspace, client: AsyncWebClient) -> None:
    (care,) = ids(workspace, "#care")
    posted = await client.chat_postMessage(channel=care, text="one")
    link = (await client.chat_getPermalink(channel=care, message_ts=posted["ts"]))["permalink"]
    assert link == f"https://support.slack.com/archives/{care}/p{posted['ts'].replace('.', '')}"


async def test_do_not_disturb_is_told_to_who_may_know(clock: Clock, workspace: Workspace) -> None:
    manifest = deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"] += ["dnd:read", "team:read"]
    simulator = Simulator(workspace, now=clock, manifest=manifest)
    await simulator.start()
    ben, cara = ids(workspace, "Ben", "Cara")
    try:
        async with aiohttp.ClientSession() as session:
            client = AsyncWebClient(token=simulator.bot_token, base_url=simulator.api_url, session=session)
            workspace.set_dnd("Cara", True, until=clock() + timedelta(hours=1))
            told = (await client.dnd_teamInfo(users=f"{ben},{cara}"))["users"]
            assert (told[ben]["dnd_enabled"], told[cara]["dnd_enabled"]) == (False, True)
            clock.move(timedelta(hours=2))
            assert (await client.dnd_info(user=cara))["dnd_enabled"] is False
            assert (await client.team_info())["team"]["domain"] == "support"
    finally:
        await simulator.stop()


async def test_shared_channels_of_a_person_are_those_that_the_bot_may_see(
    workspace: Workspace, client: AsyncWebClient
) -> None:
    (aoife,) = ids(workspace, "Aoife")
    both = "public_channel,private_channel"
    names = [channel["name"] for channel in (await client.users_conversations(user=aoife, types=both))["channels"]]
    assert names == ["care"]
    workspace.invite_bot("leads", inviter="Aoife")
    names = [channel["name"] for channel in (await client.users_conversations(user=aoife, types=both))["channels"]]
    assert names == ["care", "leads"]
    leads = await client.conversations_info(channel=workspace.channel("leads").id, include_num_members=True)
    assert (leads["channel"]["is_private"], leads["channel"]["num_members"]) == (True, 2)
    workspace.remove_bot("leads")
    assert await refusal(client.conversations_info(channel=workspace.channel("leads").id)) == "channel_not_found"


async def test_arguments_come_as_query_form_or_json(simulator: Simulator, workspace: Workspace) -> None:
    care, headers = workspace.channel("care").id, {"Authorization": f"Bearer {simulator.bot_token}"}
    block = '[{"type": "divider"}]'
    url = f"{simulator.api_url}chat.postMessage"
    async with aiohttp.ClientSession(headers=headers) as session:
        for given in (
            {"params": {"channel": care, "text": "x", "blocks": block}},
            {"data": {"channel": care, "text": "x", "blocks": block}},
            {"json": {"channel": care, "text": "x", "blocks": [{"type": "divider"}]}},
        ):
            async with session.post(url, **given) as answer:
                assert (await answer.json())["message"]["blocks"][0]["type"] == "divider"
        async with session.post(url, data="{", headers={"Content-Type": "application/json"}) as answer:
            assert (await answer.json())["error"] == "invalid_json"
        async with session.post(url, json={"channel": care, "text": "x", "blocks": "{"}) as answer:
            assert (await answer.json())["error"] == "invalid_arguments"


async def test_a_page_of_another_site_can_not_use_the_api(simulator: Simulator) -> None:
    token = {"Authorization": f"Bearer {simulator.bot_token}"}
    async with aiohttp.ClientSession() as http:
        for foreign in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            async with http.post(f"{simulator.api_url}auth.test", headers={**token, **foreign}) as answer:
                assert answer.status == 403
        async with http.post(f"{simulator.api_url}auth.test", headers=token) as answer:
            assert (await answer.json())["ok"]

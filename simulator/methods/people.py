"""users.*, dnd.*, auth.test, team.info, bots.info, apps.connections.open: who is there, and the app itself."""

from simulator.arguments import Arguments, page_of
from simulator.desk import Answer, Desk, method
from simulator.errors import SlackError
from simulator.people import Member


def auth_test(desk: Desk, _args: Arguments) -> Answer:
    workspace = desk.workspace
    return {
        "url": f"https://{workspace.team_domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.bot.name.lower(),
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def api_test(_desk: Desk, _args: Arguments) -> Answer:
    return {"args": {}}


def connections_open(desk: Desk, _args: Arguments) -> Answer:
    desk.check_socket_mode()
    address = desk.base_url().replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={desk.sockets.new_ticket()}&app_id={desk.workspace.app_id}"}


def users_info(desk: Desk, args: Arguments) -> Answer:
    return {"user": _described(desk, _member(desk, args.need("user")))}


def users_list(desk: Desk, args: Arguments) -> Answer:
    everyone = [*desk.workspace.people.values(), _slackbot(desk)]
    if args.number("limit", 0) == 0:
        members = [_described(desk, member) for member in everyone]
        return {"members": members, "cache_ts": 0, "response_metadata": {"next_cursor": ""}}
    page, more = page_of(everyone, args, default=100, most=1000)
    return {"members": [_described(desk, member) for member in page], "cache_ts": 0, "response_metadata": more}


def lookup_by_email(desk: Desk, args: Arguments) -> Answer:
    email = args.need("email").lower()
    for member in desk.workspace.people.values():
        if member.email and member.email.lower() == email and not member.deleted:
            return {"user": _described(desk, member)}
    raise SlackError("users_not_found")


def dnd_info(desk: Desk, args: Arguments) -> Answer:
    return dict(desk.workspace.dnd_of(_member(desk, args.text("user") or desk.workspace.bot.id)))


def dnd_team_info(desk: Desk, args: Arguments) -> Answer:
    ids = args.names("users")
    if len(ids) > 50:
        raise SlackError("too_many_users")
    people = desk.workspace.people
    return {"users": {user_id: desk.workspace.dnd_of(people[user_id]) for user_id in ids if user_id in people}}


def team_info(desk: Desk, _args: Arguments) -> Answer:
    workspace = desk.workspace
    return {"team": {"id": workspace.team_id, "name": workspace.name, "domain": workspace.team_domain}}


def bots_info(desk: Desk, args: Arguments) -> Answer:
    workspace = desk.workspace
    if args.text("bot") not in {None, workspace.bot_id}:
        raise SlackError("bot_not_found")
    bot = {"id": workspace.bot_id, "deleted": False, "name": workspace.bot.name, "user_id": workspace.bot.id}
    return {"bot": bot | {"app_id": workspace.app_id, "updated": workspace.bot.updated, "icons": {}}}


def _member(desk: Desk, user_id: str) -> Member:
    if user_id == "USLACKBOT":
        return _slackbot(desk)
    member = desk.workspace.people.get(user_id)
    if member is None:
        raise SlackError("user_not_found")
    return member


def _described(desk: Desk, member: Member) -> Answer:
    return member.as_slack(desk.workspace.now(), with_email="users:read.email" in desk.manifest.scopes)


def _slackbot(desk: Desk) -> Member:
    """Slack's own account, which says of itself that it is no bot."""
    return Member(id="USLACKBOT", name="slackbot", real_name="Slackbot", team_id=desk.workspace.team_id, tz="UTC")


METHODS = {
    "api.test": method(api_test, "error foo"),
    "auth.test": method(auth_test),
    "apps.connections.open": method(connections_open, app_token=True),
    "users.info": method(users_info, "user include_locale", "users:read"),
    "users.list": method(users_list, "limit cursor include_locale team_id", "users:read"),
    "users.lookupByEmail": method(lookup_by_email, "email", "users:read.email"),
    "dnd.info": method(dnd_info, "user team_id", "dnd:read"),
    "dnd.teamInfo": method(dnd_team_info, "users team_id", "dnd:read"),
    "team.info": method(team_info, "team domain", "team:read"),
    "bots.info": method(bots_info, "bot team_id", "users:read"),
}

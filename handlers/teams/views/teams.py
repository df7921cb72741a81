"""Teams as people read them: the list, the request and its outcome, the welcome."""

from collections.abc import Sequence

from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    confirmation,
    context,
    header,
    modal,
    said,
    section,
    text_input,
    when,
)
from handlers.forms import Memory
from handlers.house import Rendered, TeamSetting
from handlers.teams.views.words import as_many_as_fit, channel_link, counted, mentions, names, team_name
from handlers.weekdays import hours_in_words
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

CREATE = "teams.create"
EDIT = "teams.edit"
MEMBERS = "teams.members"
LEAVE = "teams.leave"
APPROVE = "teams.approve"
DECLINE = "teams.decline"
DECLINE_FORM = "teams.decline_form"
HELP = (
    "*Teams*\n"
    "`/backstop team` shows your teams · `team create` makes one, or asks an admin to · `team edit` changes one · "
    "`team members` shows who is in it · `team leave` takes you out of one · `team connect` connects your help desk."
)
NO_TEAMS = "You are in no team yet. Create one, or ask a manager to add you."
NO_TEAMS_AT_ALL = "There are no teams yet. Create the first: a channel and a manager are enough."
MOST_TEAMS = 12
"""As many are looked up; those that one message carries are shown."""


def team_list(
    teams: Sequence[TeamFacts],
    *,
    me: Person,
    is_admin: bool,
    waiting: Sequence[Team],
    total: int,
    settings: Sequence[TeamSetting] = (),
) -> list[Block]:
    """One's teams (an admin's: all), each with what this reader may do with it; `total` counts those left out too."""
    blocks, left_out = as_many_as_fit(_team(facts, me=me, is_admin=is_admin, settings=settings) for facts in teams)
    if left_out or total > len(teams):
        more = left_out + total - len(teams)
        blocks.append(context(f"And {more} more. `/backstop team name` shows one of them."))
    blocks += [
        section(f"⏳ {team_name(team)} waits for an admin’s approval, since {when(team.requested_at)}.")
        for team in waiting[:10]
    ]
    if not teams and not waiting:
        blocks.append(section(NO_TEAMS_AT_ALL if is_admin else NO_TEAMS))
    return [*blocks, actions(button("New team…", CREATE, style=None if teams else "primary"))]


def _team(facts: TeamFacts, *, me: Person, is_admin: bool, settings: Sequence[TeamSetting]) -> list[Block]:
    team = facts.team
    agents = sum(1 for _, membership in facts.members if membership.is_agent)
    follows = " · follows the channel" if team.everyone_in_channel else ""
    mine = any(person.id == me.id for person, _ in facts.members)
    manages = is_admin or any(manager.id == me.id for manager in facts.managers)
    lines = (
        f"{team_name(team)} in {channel_link(team.channel)}\n"
        f"Managers: {mentions(facts.managers, none='none, an admin has to name one')}\n"
        f"{counted(agents, 'agent', 'agents')}{follows} · {_hours(team)}"
    )
    if team.escalation_channel != team.channel:
        lines += f"\nEscalations in {channel_link(team.escalation_channel)}"
    buttons = [button("Edit…", EDIT, team.id, says=f"Edit {team.name}"[:75])] if manages else []
    buttons.append(button("Members", MEMBERS, team.id, says=f"Members of {team.name}"[:75]))
    if manages:
        buttons += [
            button(each.label, each.action_id, team.id, says=f"{each.label} {team.name}"[:75]) for each in settings
        ]
    if mine:
        buttons.append(leave_button(team))
    return [section(lines), actions(*buttons)]


def leave_button(team: Team) -> Block:
    sure = confirmation(
        f"Leave {team.name}?"[:100],
        "Its escalations and duty turns no longer come to you. A manager can add you again.",
        yes="Leave",
    )
    return button("Leave…", LEAVE, team.id, says=f"Leave {team.name}"[:75], confirm=sure)


def choose_team(question: str, teams: Sequence[Team], action_id: str) -> list[Block]:
    """Which of several teams somebody means."""
    # one row each: an action id may stand only once in a row
    return [section(question), *(actions(button(team.name[:75], action_id, team.id)) for team in teams[:25])]


def member_list(facts: TeamFacts, *, manages: bool) -> list[Block]:
    team = facts.team
    agents = [person for person, membership in facts.members if membership.is_agent]
    only_managers = [
        person for person, membership in facts.members if membership.is_manager and not membership.is_agent
    ]
    blocks = [
        section(f"{team_name(team)}\n*Managers:* {mentions(facts.managers)}\n*Agents:* {mentions(agents)}"),
    ]
    notes = []
    if only_managers:
        notes.append(f"Leading, without answering customers: {names(only_managers)}.")
    if team.everyone_in_channel:
        notes.append(f"Whoever joins {channel_link(team.channel)} joins the team.")
    if notes:
        blocks.append(context(" ".join(notes)))
    if manages:
        blocks.append(actions(button("Change…", EDIT, team.id, says=f"Change the members of {team.name}"[:75])))
    return blocks


def request(facts: TeamFacts, asker: Person, decided_by: Person | None) -> Rendered:
    """What an admin gets: with the buttons while it waits, without them and with the outcome afterwards."""
    team = facts.team
    about = (
        f"Channel: {channel_link(team.channel)}\n"
        f"Managers: {names(facts.managers)}\n"
        f"Members: {_membership(facts)}\n"
        f"Hours: {_hours(team)}"
    )
    title = f"{said(asker.name, 80)} asks for a team: {team_name(team)}"
    text = f"{asker.name} asks for a team: {team.name}"
    if team.state == TeamState.REQUESTED:
        buttons = actions(
            button("Approve", APPROVE, team.id, style="primary"),
            button("Decline…", DECLINE, team.id),
            block_id="decision",
        )
        return Rendered(f"{text}. Approve or decline it.", [section(f"{title}\n{about}"), buttons])
    verdict = decided(team, decided_by)
    return Rendered(f"{text}. {verdict}", [section(f"{title}\n{about}"), context(verdict)])


def decided(team: Team, by: Person | None) -> str:
    """Who approved or declined the team, and when."""
    verb = "Approved" if team.state == TeamState.ACTIVE else "Declined"
    at = when(team.decided_at) if team.decided_at else "some time ago"
    reason = f": {said(team.decline_reason, 1000)}" if team.decline_reason and verb == "Declined" else "."
    return f"{verb} by {said(by.name, 80) if by else 'an admin'}, {at}{reason}"


def already_decided(team: Team, by: Person | None) -> str:
    """For who clicked too late: who did what, and when."""
    return f"{decided(team, by).rstrip('.')}. Nothing was changed by your click."


def outcome(team: Team, by: Person | None) -> Rendered:
    """What the asker hears."""
    if team.state == TeamState.ACTIVE:
        text = (
            f"Your team {team_name(team)} is ready. Each member gets a welcome message in their working hours. "
            "Next: `/backstop duty` sets who is on duty; until then the managers are."
        )
        return Rendered(f"Your team {team.name} is ready.", [section(text), context(decided(team, by))])
    text = (
        f"Your team {team_name(team)} was not approved.\n{decided(team, by)}\n"
        "You can ask again with `/backstop team create`."
    )
    return Rendered(f"Your team {team.name} was not approved.", [section(text)])


def welcome(person: Person, teams: Sequence[TeamFacts]) -> Rendered:
    """The one message that each new member gets, before anything else."""
    listed = " and ".join(f"{team_name(facts.team)} ({channel_link(facts.team.channel)})" for facts in teams[:5])
    managers = names({manager.id: manager for facts in teams for manager in facts.managers}.values())
    blocks = [
        header("Welcome to Backstop"),
        section(
            f"You are in {listed}. Backstop brings what you can’t solve alone to whoever is on duty, and keeps it "
            "moving until it is solved.\n"
            "• Stuck with a ticket? Type `/escalate`, or use *Escalate this message* on any message.\n"
            "• Going away? `/availability away until friday`. Nothing comes to you while you are.\n"
            "• Your hours differ from the team’s? `/availability hours`."
        ),
        section(
            "*Who sees what.* An escalation is seen by who is in its channel; a restricted one only by the people "
            f"named on it. Your hours and whether you are away are seen by your team. Your managers: {managers}. "
            "`/backstop privacy` says it all, `/backstop my-data` shows what is kept about you."
        ),
        section(
            "*Switching things off.* I write to you in your hours only, three times a day at most (pages while you are "
            "on duty apart). `/backstop team leave` takes you out of a team."
        ),
    ]
    called = " and ".join(facts.team.name for facts in teams[:5])
    return Rendered(f"Welcome to Backstop, {person.name}: you are in {called}.", blocks)


def decline_form(memory: Memory, team: Team) -> Block:
    return modal(
        DECLINE_FORM,
        "Decline team",
        [
            section(f"Whoever asked for {team_name(team)} reads your reason."),
            asked("reason", "Why not?", text_input(multiline=True, most=1000, focus=True)),
        ],
        submit="Decline",
        metadata=memory.kept(),
    )


def no_managers(team: Team) -> Rendered:
    text = f"{team_name(team)} has no manager any more. Until you name one, nobody hears when its escalations are late."
    buttons = actions(button("Name a manager…", EDIT, team.id, style="primary"))
    return Rendered(f"{team.name} has no manager any more.", [section(text), buttons])


def channel_archived(team: Team, channel: str) -> Rendered:
    text = (
        f"{channel_link(channel)} was archived, and {team_name(team)} uses it. What belongs there waits: unarchive it, "
        "or choose another channel."
    )
    buttons = actions(button("Choose another…", EDIT, team.id, style="primary"))
    return Rendered(f"The channel of {team.name} was archived.", [section(text), buttons])


def _hours(team: Team) -> str:
    return f"{hours_in_words(team.days, team.start, team.end)}, {team.zone}"


def _membership(facts: TeamFacts) -> str:
    agents = [person for person, membership in facts.members if membership.is_agent]
    everyone = "everyone in the channel" if facts.team.everyone_in_channel else ""
    return " and ".join(part for part in (names(agents, none=""), everyone) if part) or "none yet"

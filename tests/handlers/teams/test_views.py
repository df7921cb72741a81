"""However many and however long: what is built stays within what Slack takes."""

from datetime import time, timedelta
from typing import Any

from handlers.forms import Memory
from handlers.house import Coming
from handlers.teams.views import availability, duty, team_form, teams, upcoming
from handlers.weekdays import days_in_words, hours_in_words
from simulator import block_kit
from simulator.errors import SlackError
from tests.handlers.teams.people import TUESDAY, facts, person, team

LONG = "<&>" * 80
CROWD = tuple(person(LONG[:255], number, away_from=TUESDAY if number % 2 else None) for number in range(1, 200))
ADMIN = person("Omar", 900, is_admin=True)
TEAMS = [
    facts(
        team(name=LONG[:80], escalation_channel="C2", everyone_in_channel=True),
        agents=CROWD,
        managers=CROWD[:40],
        rota=CROWD[:50],
        overrides=tuple((one, TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)) for one in CROWD[:20]),
        heads=CROWD[:20],
    )
] * 40


def problems(blocks: list[dict[str, Any]]) -> str:
    """What Slack would say against such a message; "" if nothing."""
    try:
        block_kit.check_message("x", blocks)
    except SlackError as refused:
        return f"{refused}"
    return ""


def test_lists_of_many_teams_with_many_people_fit() -> None:
    waiting = [team(name=LONG[:80]) for _ in range(30)]
    lists = [
        teams.team_list(TEAMS[:12], me=ADMIN, is_admin=True, waiting=waiting, total=40),
        teams.member_list(TEAMS[0], manages=True),
        teams.choose_team("Which team?", [one.team for one in TEAMS], teams.EDIT),
        teams.request(TEAMS[0], ADMIN, None).blocks,
        teams.welcome(CROWD[0], TEAMS).blocks,
        duty.duty_of_teams(TEAMS, me=ADMIN, is_admin=True, now=TUESDAY),
        availability.who_is_on(ADMIN, [availability.presence(one, {}, TUESDAY) for one in TEAMS], TUESDAY),
        availability.who_is_on(
            ADMIN, [availability.presence(one, {}, TUESDAY + timedelta(hours=12)) for one in TEAMS], TUESDAY
        ),
    ]
    assert [problems(blocks) for blocks in lists] == [""] * len(lists)


def test_ten_lines_of_what_lies_ahead_fit() -> None:
    entry = upcoming.Entry(TUESDAY, Coming(LONG, LONG), CROWD[0], note=LONG)
    assert problems(upcoming.upcoming([entry] * 30, [entry] * 30, is_admin=True)) == ""


def test_the_forms_fit_with_everything_filled_in() -> None:
    filled = team_form.Filled(
        channel="C1",
        managers=tuple(one.slack_id for one in CROWD),
        members=tuple(one.slack_id for one in CROWD),
        everyone=True,
        name=LONG[:80],
        department=("id:1", LONG[:80]),
        zone="America/Argentina/ComodRivadavia",
        country="VC",
        fixed=True,
    )
    forms = [
        team_form.team_form(Memory(team=1, more=True), filled, is_admin=True, now=TUESDAY),
        duty.rota_form(Memory(team=1), TEAMS[0], TUESDAY),
        duty.stand_in_form(Memory(team=1), TEAMS[0], CROWD[0], TUESDAY, manages=False),
        teams.decline_form(Memory(team=1), TEAMS[0].team),
    ]
    for form in forms:
        block_kit.check_view(form, surface="modal")


def test_what_people_called_a_team_notifies_nobody() -> None:
    called = facts(team(name="<!channel> & <@U1>"), managers=(ADMIN,))
    built = [
        *teams.team_list([called], me=ADMIN, is_admin=True, waiting=[called.team], total=1),
        *teams.request(called, person("<@U2>", 7), None).blocks,
        *teams.welcome(ADMIN, [called]).blocks,
        *duty.duty_of_teams([called], me=ADMIN, is_admin=True, now=TUESDAY),
    ]
    shown = [text for text in texts_in(built) if "channel" in text or "U2" in text]
    assert len(shown) >= 4
    assert not [text for text in shown if "<!channel>" in text or "<@U1>" in text or "<@U2>" in text]


def texts_in(node: Any) -> list[str]:
    """Every mrkdwn text, at any depth."""
    if isinstance(node, dict):
        own = [node["text"]] if node.get("type") == "mrkdwn" else []
        return own + [text for part in node.values() for text in texts_in(part)]
    return [text for part in node for text in texts_in(part)] if isinstance(node, list) else []


def test_days_and_hours_are_said_as_people_say_them() -> None:
    assert days_in_words([0, 1, 2, 3, 4]) == "Mon–Fri"
    assert days_in_words([6, 0, 2]) == "Mon, Wed, Sun"
    assert days_in_words(range(7)) == "every day"
    assert days_in_words([5, 6]) == "Sat, Sun"
    assert hours_in_words([0], time(22), time(6, 30)) == "Mon 22:00–06:30"

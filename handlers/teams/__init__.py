"""Teams: who belongs to them, when they work, and who is on duty.

Anyone asks for a team with a channel and a manager; an admin says yes; each member gets one welcome in their hours.
`/availability` says who is on and who away, `/backstop duty` whom an escalation reaches first. Joins, leaves, renames
and closed accounts follow Slack: by its events, and every night by asking.
"""

from handlers.house import House
from handlers.teams import belonging, describing, founding, offers, renderers, reporting, sections, steps
from handlers.teams.listeners import availability, creating, deciding, duty, following, listing, my_data, upcoming
from handlers.teams.views import availability as availability_views
from handlers.teams.views import duty as duty_views
from handlers.teams.views import home as home_views
from handlers.teams.views import my_data as my_data_views
from handlers.teams.views import team_form
from handlers.teams.views import teams as team_views


def register(house: House) -> None:
    """Everything that wakes the feature, and everything that it renders."""
    house.command("team", listing.team_with(house.team_settings), verbs=listing.VERBS, standalone=False)
    house.command("duty", duty.duty, verbs=duty.VERBS, standalone=False)
    house.command("availability", availability.availability, verbs=availability.VERBS)
    house.command("upcoming", upcoming.upcoming_of(house.describers), verbs=["help"], standalone=False)
    house.command("privacy", my_data.privacy, verbs=(), standalone=False)
    house.command("my-data", my_data.my_data, verbs=["help"], standalone=False)

    house.action(team_views.CREATE, creating.open_new_team)
    house.action(team_views.EDIT, creating.open_edit_team)
    house.action(team_form.MORE, creating.open_more)
    house.choices(team_form.ZONE, creating.choose_zone)
    house.choices(team_form.COUNTRY, creating.choose_country)
    house.choices(team_form.DEPARTMENT, creating.choose_department)
    house.submission(team_form.FORM, creating.submit_team)
    house.action(team_views.APPROVE, deciding.approve)
    house.action(team_views.DECLINE, deciding.open_decline)
    house.submission(team_views.DECLINE_FORM, deciding.submit_decline)
    house.action(team_views.MEMBERS, listing.show_members)
    house.action(team_views.LEAVE, listing.leave)

    house.action(availability_views.AWAY, availability.open_away)
    house.action(availability_views.BACK, availability.come_back)
    house.action(availability_views.HOURS, availability.open_hours)
    house.submission(availability_views.AWAY_FORM, availability.submit_away)
    house.submission(availability_views.HOURS_FORM, availability.submit_hours)

    house.action(duty_views.ROTA, duty.open_rota)
    house.action(duty_views.STAND_IN, duty.open_stand_in)
    house.action(duty_views.DROP, duty.drop_override)
    house.submission(duty_views.ROTA_FORM, duty.submit_rota)
    house.submission(duty_views.STAND_IN_FORM, duty.submit_stand_in)

    house.action(home_views.SHOW_MY_DATA, my_data.my_data)
    house.action(home_views.UPCOMING, upcoming.upcoming_of(house.describers))
    house.action(my_data_views.EXPORT, my_data.export)
    house.action(my_data_views.ERASE, my_data.erase)

    hints = following.Following(house.left)
    house.event("team_join", hints.person_changed)
    house.event("user_change", hints.person_changed)
    house.event("member_joined_channel", hints.joined_channel)
    house.event("member_left_channel", hints.left_channel)
    house.event("channel_rename", hints.channel_renamed)
    house.event("group_rename", hints.channel_renamed)
    house.event("channel_archive", hints.channel_archived)
    house.event("group_archive", hints.channel_archived)
    house.event("channel_unarchive", hints.channel_unarchived)
    house.event("group_unarchive", hints.channel_unarchived)
    house.event("dnd_updated_user", hints.dnd_changed)

    house.renders(belonging.WELCOME, renderers.welcome)
    house.renders(belonging.NO_MANAGERS, renderers.no_managers)
    house.renders(founding.REQUEST, renderers.request)
    house.renders(founding.OUTCOME, renderers.outcome)
    house.renders(duty.STANDS_IN, renderers.stands_in)
    house.renders(following.ARCHIVED, renderers.channel_archived)

    house.describes(belonging.WELCOME, describing.welcome)
    house.describes(belonging.NO_MANAGERS, describing.no_managers)
    house.describes(founding.REQUEST, describing.request)
    house.describes(founding.OUTCOME, describing.outcome)
    house.describes(duty.STANDS_IN, describing.stands_in)
    house.describes(following.ARCHIVED, describing.channel_archived)
    house.describes(steps.RECONCILE, describing.reconcile)

    house.section(sections.on_home_with(house.team_settings))
    house.reports(reporting.in_report)
    house.opens(steps.open_teams)
    house.fires(steps.RECONCILE, steps.at_night)
    house.job(steps.RECONCILE, steps.reconcile)
    house.job(belonging.FOLLOW_JOB, steps.follow_channel)
    house.job(belonging.WELCOME_JOB, steps.welcome_everyone)

    house.helps(*offers.HELP)
    for offer in offers.WORDS:
        house.understands(offer)

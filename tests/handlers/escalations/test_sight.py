"""Who gets to see what: a private channel's escalations are its team's, a restricted one is for those named; by no way
round does anybody else read a word of it."""

from sqlalchemy import text

from tests.handlers.escalations.stories import begin, press, raised, screens, submit
from tests.office import Office, owner_of

SECRET = "Colleague Sean is rude to customers"
WORD = "rude to customers"


async def stands_in_a_private_channel(office: Office) -> None:
    """Care's cards stand in #care-leads."""
    channel = office.sim.workspace.channel("care-leads").id
    async with office.bot.store.write() as session:
        statement = text(
            "UPDATE teams SET escalation_channel = :channel, escalates_privately = true WHERE name = 'Care'"
        )
        await session.execute(statement, {"channel": channel})


async def restricts(office: Office, *named: str) -> None:
    """Mei, who raised E-1, restricts it from the window (the card may be anywhere)."""
    await office.mei.types("/escalate E-1", channel="#care")
    await office.mei.clicks(await office.mei.privately("E-1"), "More…")
    await office.settles()
    await office.mei.clicks(await office.mei.modal(), "Restrict…")
    await office.settles()
    form = await office.mei.modal()
    await submit(office, form, restricted=["restricted"], viewers=list(named))


async def asks_in_vain(office: Office, who: str, channel: str = "#care") -> None:
    actor = office.sim.acts_as(who)
    await actor.types("/escalate E-1", channel=channel)
    await office.settles()
    assert "I don’t know" in (await actor.privately()).text


async def test_a_private_channels_escalation_does_not_exist_outside_its_team(office: Office) -> None:
    await stands_in_a_private_channel(office)
    await raised(office, office.mei, SECRET)
    await asks_in_vain(office, "Dana", "#platform")
    await asks_in_vain(office, "Omar", "#general")
    for who in ("Ben", "Aoife", "Jonas"):  # of the team, its lead, its head
        actor = office.sim.acts_as(who)
        await actor.types("/escalate E-1", channel="#care")
        assert WORD in (await actor.privately("E-1")).text


async def test_whoever_is_in_no_team_lists_and_counts_nothing_of_others(office: Office) -> None:
    await raised(office, office.mei, SECRET)
    await office.omar.types("/escalate list", channel="#general")
    assert "No open escalations" in (await office.omar.privately("Open escalations")).text
    await office.omar.types("/escalate stats", channel="#general")
    assert "None was raised" in (await office.omar.privately("Escalations,")).text


async def test_the_same_problem_is_not_offered_to_those_who_may_not_see_it(office: Office) -> None:
    await stands_in_a_private_channel(office)
    await raised(office, office.mei, SECRET)
    modal = await begin(office, office.dana, SECRET, channel="#platform")
    modal.fill("severity", "S3").fill("need", "decision")
    await submit(office, modal)
    assert office.sim.workspace.modals.get(office.dana.id) in (None, [])


async def test_restricting_takes_the_words_out_of_pages_that_were_sent(office: Office) -> None:
    await raised(office, office.mei, SECRET, severity="S1")
    duty = office.sim.acts_as("Ramon")
    assert WORD in screens(duty, "@bot")
    await restricts(office, "Ben")
    assert WORD not in screens(duty, "@bot")


async def test_a_card_that_can_not_be_posted_tells_managers_nothing_of_a_restricted_one(office: Office) -> None:
    await raised(office, office.mei, SECRET)
    office.sim.workspace.archive(office.sim.workspace.channel("care-escalations"))
    await restricts(office, "Ben")
    assert WORD not in screens(office.aoife, "@bot")


async def test_an_offer_made_before_the_restriction_can_not_be_taken_up(office: Office) -> None:
    await raised(office, office.mei, SECRET)
    await press(office, office.ramon, "Claim")
    await office.ramon.types("/escalate handover @Sean", channel="#care")
    await office.settles()
    offer = await office.sean.finds("@bot", "hand this over")
    await restricts(office, "Ben")
    assert WORD not in screens(office.sean, "@bot")
    await office.sean.clicks(offer, "Take it", stale=True)
    await office.settles()
    assert await owner_of(office, 1) == "Ramon"
    await office.passes(hours=26)
    assert WORD not in screens(office.aoife, "@bot")


async def test_the_follow_up_of_a_restricted_one_is_not_left_to_managers_who_are_not_named(office: Office) -> None:
    await raised(office, office.mei, SECRET, more={"restricted": ["restricted"], "viewers": ["Ben", "Ramon"]})
    shown = await office.ben.finds("@bot", WORD)
    await office.ben.clicks(shown, "Resolve…")
    await office.settles()
    await office.ben.clicks(await office.ben.modal(), "Prevent a repeat, or name the duplicate")
    await office.settles()
    form = await office.ben.modal()
    await submit(
        office,
        form,
        outcome="solved",
        root_cause="process_gap",
        done="Talked.",
        told="yes",
        prevent="Move Sean to another team",
        prevent_owner="Ramon",
        prevent_due="2026-06-04",
    )
    office.sim.workspace.alter("Ramon", deleted=True)
    await office.settles()
    await office.passes(days=5)
    assert "Move Sean" not in screens(office.aoife, "@bot")


async def test_a_team_member_who_has_left_can_not_take_what_was_offered(office: Office) -> None:
    await raised(office, office.mei, SECRET)
    await press(office, office.ramon, "Claim")
    await office.ramon.types("/escalate handover @Sean", channel="#care")
    await office.settles()
    async with office.bot.store.write() as session:
        gone = "DELETE FROM memberships WHERE person_id = (SELECT id FROM people WHERE name = 'Sean')"
        await session.execute(text(gone))
    await office.sean.clicks(await office.sean.finds("@bot", "hand this over"), "Take it")
    await office.settles()
    assert await owner_of(office, 1) == "Ramon"

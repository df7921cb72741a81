"""`/queue`, spikes and the queue's part of the digest, over tickets of eight weeks."""

from datetime import timedelta

import pytest

from storage import digests
from tests.handlers.queue.stories import asks, connected, fresh, history, planted, rating, waiting
from tests.handlers.queue.test_digest import WEDNESDAY_NINE, digest, until_nine
from tests.office import Office

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
async def test_queue_says_how_it_stands_and_what_a_tag_brought(office: Office) -> None:
    now = office.now
    open_ones = [
        waiting(now - timedelta(days=9), 1, sla_due_at=now - timedelta(hours=1)),
        waiting(now - timedelta(hours=1), 2, sla_due_at=now + timedelta(hours=1), assignee_external_id="ben"),
    ]
    await connected(office, [*history(now), *open_ones])
    text = await asks(office, office.ben, "/queue")
    assert "2 open · 1 unassigned" in text
    assert "oldest 9 d" in text
    assert "SLA 1 past, 1 within 2 h" in text
    assert "1 ticket is past the SLA" in text
    assert "usual for Monday evening to Tuesday morning" in text
    assert "Nothing stands out" in text
    text = await asks(office, office.ben, "/queue tag:billing")
    assert "billing in Care" in text
    assert "About billing" in text
    assert (
        "no ticket of the last 14 days has the tag" in (await asks(office, office.ben, "/queue tag:billling")).lower()
    )
    assert "tag:tag" not in (empty := await asks(office, office.ben, "/queue tag:"))
    assert "Which tag?" in empty
    assert "You have no team called" in await asks(office, office.ben, "/queue Pltform")
    home = await office.aoife.opens_home()
    assert "Care: the queue" in home.text
    assert "2 open · 1 unassigned" in home.text
    await office.aoife.clicks(home, "Look…")
    await office.settles()
    assert "usual for Monday" in (await office.aoife.modal()).text
    assert "the queue" not in (await office.ben.opens_home()).text
    assert "in no team" in await asks(office, office.omar, "/queue", channel="#general")


async def test_a_new_tag_is_posted_once_brought_up_to_date_and_told_to_product(office: Office) -> None:
    await connected(office, [*history(office.now), *planted(office.now)])
    await office.passes(hours=1, minutes=1)
    post = await office.ben.finds("#care", "login-loop")
    assert "new, 9 tickets, 8 customers" in post.text
    assert "Signing in leads back" in post.text
    await fresh(office)
    await connected(office, planted(office.now, tickets=12, customers=8))
    await office.passes(hours=1)
    posts = [one for one in office.ben.sees("#care") if "login-loop" in one.text]
    assert len(posts) == 1
    assert "new, 12 tickets" in posts[0].text
    await office.ben.clicks(posts[0], "Show tickets")
    assert "Escalate…" in (await office.ben.privately("login-loop")).buttons()
    await office.aoife.clicks(posts[0], "Tell product…")
    form = await office.aoife.modal(titled="Tell product")
    await form.fill("channel", "#platform").submit()
    await office.settles()
    told = await office.dana.finds("#platform", "login-loop")
    assert "Aoife passes on what customers write to Care about today" in told.text
    [post] = [one for one in office.ben.sees("#care") if "login-loop" in one.text and not one.is_ephemeral]
    assert "Aoife told" in post.text
    assert "Tell product…" not in post.buttons()


async def test_the_digest_tells_the_queue_and_a_failing_source_instead_of_old_numbers(office: Office) -> None:
    now = office.now
    urgent = waiting(now, 1, priority="urgent")
    rated = [rating(f"{now:%m}0{1}{number}", now + timedelta(hours=1), good=number > 0) for number in range(6)]
    await connected(office, [*history(now), urgent], rated)
    await office.passes(seconds=(WEDNESDAY_NINE - now).total_seconds() - 60)
    await fresh(office)
    await until_nine(office)
    text = (await digest(office.ben)).text
    assert "1 urgent ticket has no assignee" in text
    assert "Queue now" in text
    assert "1 open" in text
    assert "usual for Tuesday morning to Wednesday morning: 10" in text
    assert "CSAT 83 % (n=6), 1 bad" in text
    assert "Ben" not in text
    await office.ben.clicks(await digest(office.ben), "Show")
    assert "#9001" in (await office.ben.privately("Urgent")).text
    await fresh(office, failing="It refuses the token")
    await office.passes(days=1)
    text = (await digest(office.ben)).text
    assert "Zendesk can’t be read (It refuses the token)" in text
    assert "Queue now" not in text
    assert "ll clear" not in text


@on_sqlite
async def test_a_quiet_day_is_one_line_with_the_time_of_its_data(office: Office) -> None:
    await connected(office, history(WEDNESDAY_NINE))
    await office.passes(seconds=(WEDNESDAY_NINE - office.now).total_seconds() - 60)
    await fresh(office)
    await until_nine(office)
    text = (await digest(office.ben)).text
    assert "All clear; data as of" in text
    assert "Queue now" not in text


@on_sqlite
async def test_figures_about_one_person_are_theirs_alone_until_a_working_day_after_everybody_heard(
    office: Office,
) -> None:
    await connected(office, history(office.now))
    assert "30 min" in await asks(office, office.ben, "/queue @Ben")
    assert "Only Ben can see this" in await asks(office, office.omar, "/queue @Ben", channel="#general")
    for who in (office.cara, office.aoife, office.jonas):
        assert "Only Ben can see this" in await asks(office, who, "/queue @Ben"), who.name
    await office.aoife.types("/backstop team", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Care"), "Figures…")
    form = await office.aoife.modal(titled="Figures")
    form.fill("personal", "managers")
    with pytest.raises(Exception, match="Only an admin"):
        await form.submit()
    await office.omar.types("/backstop team Care", channel="#general")
    await office.omar.clicks(await office.omar.privately("Care"), "Figures…")
    form = await office.omar.modal(titled="Figures")
    await form.fill("personal", "managers").fill("customers", "1,200").submit()
    await office.settles()
    assert "Every member hears now" in (await office.omar.modal()).text
    assert "the managers of Care" in (await office.ben.finds("@bot", "figures about your own")).text
    assert "Only Ben can see this" in await asks(office, office.aoife, "/queue @Ben")
    await office.passes(hours=25)
    await fresh(office)
    assert "You may see this as a manager of Care" in await asks(office, office.aoife, "/queue @Ben")
    assert "Only Ben can see this" in await asks(office, office.jonas, "/queue @Ben")
    assert "looked at the figures about you" in await asks(office, office.ben, "/backstop my-data", containing="kept")


@on_sqlite
async def test_on_monday_managers_and_heads_have_the_week_with_its_chart_and_files(office: Office) -> None:
    monday = WEDNESDAY_NINE + timedelta(days=5)
    async with office.bot.store.write() as session:
        await digests.keep_settings(session, office.teams["Care"].id, active_customers=1200)
    await connected(office, [*history(monday), *planted(office.now - timedelta(minutes=1), tag="=cmd")])
    await office.passes(seconds=(monday - office.now).total_seconds() - 60)
    await fresh(office)
    await office.passes(minutes=20)
    for who in (office.aoife, office.jonas):
        week = await who.finds("@bot", "Care: the week")
        assert "usual for a week: 60" in week.text
        assert "Contact ratio 5.5 tickets per 100 active customers (66 ÷ 1,200)" in week.text
        assert "First response (working hours) median 30 min" in week.text
        assert [one for one in week.blocks if one["type"] == "image" and "came" in one["alt_text"]]
    assert not [one for one in office.ben.sees("@bot") if "the week" in one.text]
    await office.aoife.clicks(await office.aoife.finds("@bot", "Care: the week"), "Send me the CSV files")
    await office.settles()
    files = office.sim.workspace.files.values()
    sent = {file.name: (file.content or b"").decode() for file in files if file.name.endswith("csv")}
    [days, tags] = [sent[name] for name in sorted(sent)]
    assert "2026-06-05,10,10," in days
    assert "'=cmd" in tags

"""The form that sets a goal: opened, redrawn as choices are made, submitted."""

import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, actions, button, said, section
from handlers.forms import Memory, identifier, values
from handlers.goals import setting
from handlers.goals.forms import GoalForm, Metadata
from handlers.goals.listeners.looking import changeable, visible
from handlers.goals.rules import periods, rights
from handlers.goals.rules.standing import Before, is_beyond, pace
from handlers.goals.rules.targets import typed_as
from handlers.goals.setting import Metric, Owner
from handlers.goals.views import form as views
from handlers.goals.views.words import OPEN, period_of, wanted
from handlers.house import Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.measures import Measure
from handlers.refusals import FormRefusal, Refusal
from storage import goals
from storage.goal_circles import Circle, circle_of
from storage.goals import BY_HAND, Goal, State, Whose
from storage.store import Store

SET = "Set: *{}* {}, *{}*, {}."
PROPOSED = "{} hears of it in their hours, and it counts once they accept it."
COUNTING = "I count it from {}. `/goal list` shows where it stands."
BY_HAND_TOLD = "I ask for its number every Friday. `/goal update` takes it at any time."
AGREED = "{} is agreed already, so it stays as it is. Close it and set another if it no longer fits."


class Setting:
    def __init__(self, measures: Mapping[str, Measure]) -> None:
        self._measures = measures

    async def open_form(
        self, client: AsyncWebClient, body: dict[str, Any], store: Store, me: Me, now: datetime
    ) -> None:
        async with store.read() as session:
            circle = await circle_of(session, me.id)
            span = await self._span(session, {}, me, circle, now)
        view = self._form(Metadata(who=views.ME), circle, {}, span, None, None)
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    async def press_set(
        self, ack: Any, client: AsyncWebClient, body: dict[str, Any], store: Store, me: Me, now: datetime
    ) -> None:
        await ack()
        await self.open_form(client, body, store, me, now)

    async def redraw(
        self, ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
    ) -> None:
        """Who or what was chosen: the fields that fit it, and what the periods before were."""
        await ack()
        await self._redraw(view, client, store, me, now, more=Memory.of(view).more)

    async def show_more(
        self, ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
    ) -> None:
        await ack()
        await self._redraw(view, client, store, me, now, more=True)

    async def _redraw(
        self, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime, *, more: bool
    ) -> None:
        typed = values(view)
        metadata = Metadata.of(view).model_copy(
            update={"more": more, "who": typed.get("who") or views.ME, "metric": typed.get("metric")}
        )
        async with store.read() as session:
            circle = await circle_of(session, me.id)
            span = await self._span(session, typed, me, circle, now)
            past = await self._past(session, typed, me, circle, now)
        drawn = self._form(metadata, circle, typed, span, past, typed.get("metric"))
        await client.views_update(view_id=view["id"], hash=view["hash"], view=drawn)

    async def _span(
        self, session: AsyncSession, typed: Mapping[str, Any], me: Me, circle: Circle, now: datetime
    ) -> views.Span | None:
        """The period that it would be for, as soon as it is known whose it is."""
        with contextlib.suppress(FormRefusal):
            known = {name: typed[name] for name in ("who", "person", "period", "starts") if typed.get(name)}
            form = GoalForm.of({"who": views.ME, "metric": BY_HAND, "target": "1"} | known)
            owner = await setting.owner_of(session, form.who, form.person, me, circle)
            first, last = setting.days_in(form, owner, now)
            today = local_date(now, parse_zone(owner.zone))
            left = pace(first, last, today, owner.hours).left
            return views.Span(first, last, form.period, left, has_begun=first <= today)
        return None

    async def _past(
        self, session: AsyncSession, typed: dict[str, Any], me: Me, circle: Circle, now: datetime
    ) -> Before | None:
        """What the periods before were, once it is known of whom and of what; else the form just doesn't say it."""
        if not typed.get("who") or not typed.get("metric"):
            return None
        with contextlib.suppress(FormRefusal):
            form = GoalForm.of(without_automatic(typed) | {"target": "1"})
            owner = await setting.owner_of(session, form.who, form.person, me, circle)
            metric = setting.metric_of(form, dict(self._measures), owner)
            first, _ = setting.days_in(form, owner, now)
            return await setting.past_of(session, metric, owner, form, first, me)
        return None

    async def submit(self, ack: Any, view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
        metadata, typed = Metadata.of(view), values(view)
        form = GoalForm.of(without_automatic(typed))
        async with store.read() as session:
            circle = await circle_of(session, me.id)
            owner = await setting.owner_of(session, form.who, form.person, me, circle)
            metric = setting.metric_of(form, dict(self._measures), owner)
            target = setting.target_in(form, metric)
            first, _ = setting.days_in(form, owner, now)
            await setting.require_measured(session, metric, owner, me.person.workspace_id)
            past = await setting.past_of(session, metric, owner, form, first, me)
            span = await self._span(session, typed, me, circle, now)
        if past is not None and is_beyond(target, past, metric.better) and metadata.warned != form.target:
            asked = metadata.model_copy(update={"warned": form.target, "who": form.who, "metric": form.metric})
            await ack(response_action="update", view=self._form(asked, circle, typed, span, past, form.metric))
            return
        kind = setting.kind_of(form, metric, target, past)
        async with store.write() as session:
            goal = await goals.by_form_key(session, metadata.key)
            if metadata.goal is not None and not metadata.is_next:
                goal = await self._changed(session, metadata.goal, form, metric, owner, target, kind, past, me, now)
            elif goal is None:
                goal = await setting.create(
                    session,
                    form=form,
                    key=metadata.key,
                    owner=owner,
                    metric=metric,
                    target=target,
                    kind=kind,
                    past=past,
                    me=me,
                    now=now,
                )
        await reply(f"{goal.label} is set", blocks=_told(goal, owner))

    async def _changed(
        self,
        session: AsyncSession,
        goal_id: int,
        form: GoalForm,
        metric: Metric,
        owner: Owner,
        target: float,
        kind: goals.Kind,
        past: Before | None,
        me: Me,
        now: datetime,
    ) -> Goal:
        goal, _ = await changeable(session, goal_id, me, lock=True)
        if goal.state == State.OPEN or (goal.whose, goal.whose_id) != (owner.whose, owner.id):
            raise Refusal(AGREED, goal.label)
        await setting.change(
            session, goal, form=form, metric=metric, owner=owner, target=target, kind=kind, past=past, now=now
        )
        return goal

    async def open_change(
        self,
        ack: Any,
        action: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        store: Store,
        me: Me,
        now: datetime,
    ) -> None:
        """A goal that isn't agreed yet, in its form."""
        await ack()
        async with store.read() as session:
            goal, circle = await changeable(session, identifier(action["value"]), me)
            slack_id = circle.reports[goal.whose_id].slack_id if goal.whose_id in circle.reports else None
            if goal.state == State.OPEN:
                raise Refusal(AGREED, goal.label)
            typed = _filled(goal, slack_id, me) | {"starts": goal.first_day.isoformat(), "note": goal.note}
            span = await self._span(session, typed, me, circle, now)
            past = await self._past(session, typed, me, circle, now)
        metadata = Metadata(goal=goal.id, more=True, who=typed["who"], metric=typed["metric"])
        await self._put(client, body, self._form(metadata, circle, typed, span, past, typed["metric"]))

    async def open_next(
        self,
        ack: Any,
        action: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        store: Store,
        me: Me,
        now: datetime,
    ) -> None:
        """The same goal for the period that follows (or that runs now, if that one is over too)."""
        await ack()
        async with store.read() as session:
            goal, circle = await visible(session, identifier(action["value"]), me)
            if not rights.may_set(goal.whose, goal.whose_id, circle):
                raise Refusal(setting.NOT_YOURS)
            slack_id = circle.reports[goal.whose_id].slack_id if goal.whose_id in circle.reports else None
            first, last = periods.following(goal.last_day, goal.period)
            today = periods.today_of(goal, now)
            if last < today:
                first, _ = periods.around(today, goal.period)
            typed = _filled(goal, slack_id, me) | {"starts": first.isoformat()}
            span = await self._span(session, typed, me, circle, now)
            past = await self._past(session, typed, me, circle, now)
        metadata = Metadata(goal=goal.id, is_next=True, more=True, who=typed["who"], metric=typed["metric"])
        await self._put(client, body, self._form(metadata, circle, typed, span, past, typed["metric"]))

    async def _put(self, client: AsyncWebClient, body: dict[str, Any], view: Block) -> None:
        """On top of a window that is open, else as a window of its own."""
        show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
        await show(trigger_id=body["trigger_id"], view=view)

    def _form(
        self,
        metadata: Metadata,
        circle: Circle,
        typed: Mapping[str, Any],
        span: views.Span | None,
        past: Before | None,
        metric: str | None,
    ) -> Block:
        measure = self._measures.get(metric or "")
        unit = measure.unit if measure is not None else None
        title = views.TITLE
        if metadata.goal is not None:
            title = views.NEXT_TITLE if metadata.is_next else views.CHANGE_TITLE
        return views.goal_form(
            metadata=metadata.kept(),
            circle=circle,
            measures=list(self._measures.values()),
            who=metadata.who or views.ME,
            metric=metric,
            typed=typed,
            span=span,
            past=past,
            unit=unit,
            is_theirs=measure is not None and measure.is_theirs and metadata.who == views.SOMEBODY,
            warned=said(metadata.warned, 40) if metadata.warned is not None else None,
            more=metadata.more,
            title=title,
        )


def without_automatic(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The values without "as it fits", which is no kind."""
    return {name: value for name, value in typed.items() if not (name == "kind" and value == views.AUTOMATIC)}


def _filled(goal: Goal, slack_id: str | None, me: Me) -> dict[str, Any]:
    """A form's fields as a goal has them."""
    own = goal.whose == Whose.PERSON and goal.whose_id == me.id
    others = {Whose.PERSON: views.SOMEBODY, Whose.TEAM: f"team:{goal.whose_id}"}
    return {
        "who": views.ME if own else others.get(goal.whose, f"department:{goal.whose_id}"),
        "person": slack_id,
        "metric": BY_HAND if goal.is_by_hand else goal.metric,
        "counted": goal.title if goal.is_by_hand else None,
        "target": typed_as(goal.target, goal.unit),
        "period": goal.period.value,
        "kind": goal.kind.value,
        "unit": goal.unit.value,
        "better": goal.better.value,
    }


def _told(goal: Goal, owner: Owner) -> list[Block]:
    told = SET.format(goal.label, said(goal.title, 120), wanted(goal), period_of(goal))
    if goal.state != State.OPEN:
        then = PROPOSED.format(said(owner.name, 80))
    elif goal.is_by_hand:
        then = BY_HAND_TOLD
    else:
        then = COUNTING.format(f"{goal.first_day:%-d %B}")
    return [section(f"{told}\n{then}"), actions(button("Open", OPEN, goal.id, says=f"Open {goal.label}"))]

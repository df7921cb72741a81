"""Modal stacks, trigger ids and what a client lets through, beneath the wire."""

from typing import Any

import pytest

from simulator.choosing import hindrances, settled
from simulator.errors import FormErrors, Impossible, NotAcknowledged, SlackError
from simulator.interactivity import Triggers
from simulator.modal_stacks import ModalStacks
from simulator.workspace import Workspace
from tests.simulator.tiny_app import form, plain


class Monotonic:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def triggers(monotonic: Monotonic) -> Triggers:
    return Triggers(monotonic)


@pytest.fixture
def surprises() -> list[str]:
    return []


@pytest.fixture
def stacks(workspace: Workspace, triggers: Triggers, surprises: list[str]) -> ModalStacks:
    return ModalStacks(workspace, triggers, surprises.append, home_tab=True)


@pytest.fixture
def ben(workspace: Workspace) -> str:
    return workspace.person("Ben").id


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(SlackError) as error:
        call(*args, **kwargs)
    return error.value.code


def test_a_trigger_lives_three_seconds_and_works_once(
    stacks: ModalStacks, triggers: Triggers, monotonic: Monotonic, ben: str
) -> None:
    late, once = triggers.issue(ben), triggers.issue(ben)
    monotonic.at += 2.9
    stacks.open(once, form())
    assert refused(stacks.open, once, form()) == "exchanged_trigger_id"
    monotonic.at += 0.2
    assert refused(stacks.open, late, form()) == "expired_trigger_id"
    assert refused(stacks.open, "1.2.abc", form()) == "invalid_trigger_id"


def test_a_bad_view_does_not_use_the_trigger_up(stacks: ModalStacks, triggers: Triggers, ben: str) -> None:
    trigger_id = triggers.issue(ben)
    assert refused(stacks.open, trigger_id, form(title=None)) == "invalid_arguments"
    stacks.open(trigger_id, form())


def test_a_stack_holds_three_views(stacks: ModalStacks, triggers: Triggers, workspace: Workspace, ben: str) -> None:
    bottom = stacks.open(triggers.issue(ben), form())
    middle = stacks.push(triggers.issue(ben, bottom.id), form())
    top = stacks.push(triggers.issue(ben, middle.id), form())
    assert refused(stacks.push, triggers.issue(ben, top.id), form()) == "push_limit_reached"
    assert (top.view["previous_view_id"], top.view["root_view_id"]) == (middle.id, bottom.id)
    assert workspace.modals[ben] == [bottom, middle, top]


def test_pushing_needs_a_trigger_from_a_modal(stacks: ModalStacks, triggers: Triggers, ben: str) -> None:
    assert refused(stacks.push, triggers.issue(ben), form()) == "invalid_trigger_id"
    shown = stacks.open(triggers.issue(ben), form())
    trigger_id = triggers.issue(ben, shown.id)
    stacks.close(shown)
    assert refused(stacks.push, trigger_id, form()) == "not_found"


def test_opening_with_a_trigger_from_a_modal_is_a_surprise(
    stacks: ModalStacks, triggers: Triggers, surprises: list[str], ben: str
) -> None:
    shown = stacks.open(triggers.issue(ben), form())
    assert surprises == []
    stacks.open(triggers.issue(ben, shown.id), form())
    assert "push or update" in surprises[0]


def test_each_person_has_one_stack(stacks: ModalStacks, triggers: Triggers, workspace: Workspace, ben: str) -> None:
    cara = workspace.person("Cara").id
    stacks.open(triggers.issue(ben), form())
    hers = stacks.open(triggers.issue(cara), form())
    mine = stacks.open(triggers.issue(ben), form())
    assert workspace.modals == {ben: [mine], cara: [hers]}


def test_an_update_keeps_the_id_changes_the_hash_and_keeps_what_the_ids_keep(
    stacks: ModalStacks, triggers: Triggers, ben: str
) -> None:
    shown = stacks.open(triggers.issue(ben), form(external_id="mine"))
    before = shown.view
    shown.typed["what"]["text"]["value"] = "typed"
    stacks.update(form(external_id="mine"), view_id=None, external_id="mine", expected_hash=before["hash"])
    assert shown.id == before["id"]
    assert shown.view["hash"] != before["hash"]
    assert shown.typed["what"]["text"]["value"] == "typed"
    assert refused(stacks.update, form(), view_id=shown.id, external_id=None, expected_hash=before["hash"]) == (
        "hash_conflict"
    )
    renamed = form()
    renamed["blocks"][0]["block_id"] = "what-2"
    stacks.update(renamed, view_id=shown.id, external_id=None, expected_hash=None)
    assert shown.typed["what-2"]["text"]["value"] is None


def test_external_ids_are_unique_and_closed_views_are_not_found(
    stacks: ModalStacks, triggers: Triggers, ben: str
) -> None:
    shown = stacks.open(triggers.issue(ben), form(external_id="mine"))
    assert refused(stacks.open, triggers.issue(ben), form(external_id="mine")) == "duplicate_external_id"
    stacks.close(shown)
    assert refused(stacks.update, form(), view_id=shown.id, external_id=None, expected_hash=None) == "not_found"


def test_closing_shows_the_view_beneath_unless_the_stack_is_cleared(
    stacks: ModalStacks, triggers: Triggers, workspace: Workspace, ben: str
) -> None:
    bottom = stacks.open(triggers.issue(ben), form())
    top = stacks.push(triggers.issue(ben, bottom.id), form())
    assert stacks.close(top) == [top]
    assert workspace.modals[ben] == [bottom]
    clearing = stacks.push(triggers.issue(ben, bottom.id), form(clear_on_close=True))
    assert stacks.close(clearing) == [clearing, bottom]
    assert workspace.modals[ben] == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"extra": "no input block"}},
        {"response_action": "errors", "errors": {"what": ""}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push"},
        {"response_action": "close"},
        {"text": "thanks"},
    ],
)
def test_an_unusable_answer_leaves_the_form_open_and_is_a_surprise(
    stacks: ModalStacks,
    triggers: Triggers,
    workspace: Workspace,
    surprises: list[str],
    ben: str,
    answer: dict[str, Any],
) -> None:
    shown = stacks.open(triggers.issue(ben), form())
    with pytest.raises(NotAcknowledged, match="trouble connecting"):
        stacks.answer_submission(shown, answer)
    assert len(surprises) == 1
    assert workspace.modals[ben] == [shown]


def test_errors_go_away_with_the_next_answer(stacks: ModalStacks, triggers: Triggers, ben: str) -> None:
    shown = stacks.open(triggers.issue(ben), form())
    with pytest.raises(FormErrors):
        stacks.answer_submission(shown, {"response_action": "errors", "errors": {"what": "more"}})
    stacks.answer_submission(shown, {"response_action": "update", "view": form(title=plain("Second"))})
    assert shown.errors == {}


def question(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    block_ids = {"block_id": "q", "type": "input", "label": plain("Question")}
    return block_ids | {"element": {"action_id": "a"} | element} | more


@pytest.mark.parametrize(
    ("element", "value", "says"),
    [
        ({"type": "plain_text_input"}, None, "required"),
        ({"type": "plain_text_input"}, "x", None),
        ({"type": "plain_text_input", "min_length": 3}, "xy", "at least 3"),
        ({"type": "email_text_input"}, "ben@", "email"),
        ({"type": "email_text_input"}, "ben@example.com", None),
        ({"type": "url_text_input"}, "example", "URL"),
        ({"type": "url_text_input"}, "https://example.com/1", None),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "whole"),
        ({"type": "number_input", "is_decimal_allowed": True}, "1.5", None),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1.5", "at least 2"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "1"}, "1.5", "at most 1"),
        ({"type": "number_input", "is_decimal_allowed": True}, "many", "number"),
    ],
)
def test_the_client_holds_back_what_the_field_forbids(
    stacks: ModalStacks,
    triggers: Triggers,
    workspace: Workspace,
    ben: str,
    element: dict[str, Any],
    value: str | None,
    says: str | None,
) -> None:
    shown = stacks.open(triggers.issue(ben), form(blocks=[question(element)]))
    named = shown.view["blocks"][0]["element"]
    shown.typed["q"]["a"] = settled(workspace, named, {"value": value})
    if says is None:
        assert hindrances(shown) == {}
    else:
        assert says in hindrances(shown)["q"]


def test_a_menu_gives_only_what_it_offers(workspace: Workspace) -> None:
    ben, dan = workspace.person("Ben").id, workspace.person("Dan").id
    assert settled(workspace, {"type": "users_select"}, {"selected_user": ben})["selected_user"] == ben
    with pytest.raises(Impossible):
        settled(workspace, {"type": "users_select"}, {"selected_user": dan})
    with pytest.raises(Impossible, match="selected_user"):
        settled(workspace, {"type": "users_select"}, {"value": ben})
    with pytest.raises(Impossible, match="no more than 1"):
        settled(
            workspace,
            {"type": "multi_users_select", "max_selected_items": 1},
            {"selected_users": [ben, workspace.person("Cara").id]},
        )
    public = {"type": "conversations_select", "filter": {"include": ["public"]}}
    settled(workspace, public, {"selected_conversation": workspace.channel("care").id})
    with pytest.raises(Impossible):
        settled(workspace, public, {"selected_conversation": workspace.channel("leads").id})
    with pytest.raises(Impossible):
        settled(workspace, {"type": "datepicker"}, {"selected_date": "2026-02-30"})
    with pytest.raises(Impossible):
        settled(workspace, {"type": "timepicker"}, {"selected_time": "24:00"})

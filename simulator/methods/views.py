"""views.*: opening, pushing and updating modals, publishing Homes."""

from simulator.arguments import Arguments
from simulator.desk import Answer, Desk, method
from simulator.methods.chat import check_files


def open_view(desk: Desk, args: Arguments) -> Answer:
    view = args.structure("view")
    _check_images(desk, view)
    return {"view": desk.stacks.open(args.need("trigger_id"), view).as_slack()}


def push(desk: Desk, args: Arguments) -> Answer:
    view = args.structure("view")
    _check_images(desk, view)
    return {"view": desk.stacks.push(args.need("trigger_id"), view).as_slack()}


def update(desk: Desk, args: Arguments) -> Answer:
    view = args.structure("view")
    _check_images(desk, view)
    shown = desk.stacks.update(
        view, view_id=args.text("view_id"), external_id=args.text("external_id"), expected_hash=args.text("hash")
    )
    return {"view": shown.as_slack()}


def publish(desk: Desk, args: Arguments) -> Answer:
    view = args.structure("view")
    _check_images(desk, view)
    return {"view": desk.stacks.publish(args.need("user_id"), view, expected_hash=args.text("hash")).as_slack()}


def _check_images(desk: Desk, view: object) -> None:
    if isinstance(view, dict):
        check_files(desk, view.get("blocks"))


METHODS = {
    "views.open": method(open_view, "trigger_id view interactivity_pointer"),
    "views.push": method(push, "trigger_id view interactivity_pointer"),
    "views.update": method(update, "view view_id external_id hash"),
    "views.publish": method(publish, "user_id view hash"),
}

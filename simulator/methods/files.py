"""files.*: the upload in three steps (ask for a URL, send the bytes, share), and looking a file up."""

import secrets
from typing import Any

from simulator.arguments import Arguments
from simulator.block_kit import check_message
from simulator.desk import Answer, Desk, method
from simulator.errors import SlackError
from simulator.methods.chat import postable_channel
from simulator.typed_state import with_ids
from simulator.workspace import StoredFile


def get_upload_url(desk: Desk, args: Arguments) -> Answer:
    stored = StoredFile(
        id=f"F{secrets.token_hex(5).upper()}",
        name=args.need("filename"),
        title=args.need("filename"),
        length=args.number("length", 0),
        alt_text=args.text("alt_txt") or "",
        created=int(desk.workspace.now().timestamp()),
    )
    if stored.length <= 0:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] length must be positive"]})
    desk.workspace.files[stored.id] = stored
    return {"upload_url": f"{desk.base_url()}/upload/{stored.id}", "file_id": stored.id}


def complete_upload(desk: Desk, args: Arguments) -> Answer:
    """Shares the files where asked; a user id is no channel here."""
    named = args.structures("files") or []
    if not named:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] no files given"]})
    uploads: list[StoredFile] = []
    for entry in named:
        stored = desk.workspace.files.get(entry.get("id", "")) if isinstance(entry, dict) else None
        if stored is None or stored.content is None:
            raise SlackError("file_not_found")
        stored.title = entry.get("title") or stored.name
        uploads.append(stored)
    channel_id = args.text("channel_id") or args.text("channels")
    channel = None
    if channel_id is not None:
        if channel_id[:1] not in {"C", "G", "D"}:
            raise SlackError("invalid_channel")
        channel = postable_channel(desk, channel_id)
    for stored in uploads:
        stored.complete = True
        if channel is not None:
            stored.channels = (*stored.channels, channel.id)
    if channel is not None:
        text, blocks = args.text("initial_comment") or "", args.structures("blocks")
        if text or blocks:
            check_message(text, blocks)
        shown = [described(desk, stored) for stored in uploads]
        desk.workspace.post(
            channel,
            desk.workspace.bot,
            text,
            blocks=with_ids(blocks) if blocks else None,
            thread_ts=args.text("thread_ts"),
            files=shown,
            subtype="file_share",
        )
    return {"files": [described(desk, stored) for stored in uploads]}


def files_info(desk: Desk, args: Arguments) -> Answer:
    stored = desk.workspace.files.get(args.need("file"))
    if stored is None or not stored.complete:
        raise SlackError("file_not_found")
    if desk.faults.unshown_files > 0:
        desk.faults.unshown_files -= 1
        return {"file": described(desk, stored) | {"mimetype": "", "filetype": ""}}
    return {"file": described(desk, stored)}


def described(desk: Desk, stored: StoredFile) -> dict[str, Any]:
    kind = stored.name.rpartition(".")[2].lower() if "." in stored.name else ""
    mimetype = _MIME_TYPES.get(kind, "application/octet-stream")
    return {
        "id": stored.id,
        "name": stored.name,
        "title": stored.title,
        "created": stored.created,
        "timestamp": stored.created,
        "mimetype": mimetype,
        "filetype": kind,
        "size": len(stored.content or b""),
        "mode": "hosted",
        "user": desk.workspace.bot.id,
        "alt_txt": stored.alt_text,
        "channels": [channel_id for channel_id in stored.channels if channel_id.startswith("C")],
        "ims": [channel_id for channel_id in stored.channels if channel_id.startswith("D")],
        "groups": [],
        "shares": {},
        "url_private": f"{desk.base_url()}/files/{stored.id}",
        "permalink": f"https://{desk.workspace.team_domain}.slack.com/files/{stored.id}",
    }


_MIME_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "csv": "text/csv",
    "txt": "text/plain",
    "pdf": "application/pdf",
}

METHODS = {
    "files.getUploadURLExternal": method(get_upload_url, "filename length alt_txt snippet_type", "files:write"),
    "files.completeUploadExternal": method(
        complete_upload, "files channel_id channels initial_comment thread_ts blocks", "files:write"
    ),
    "files.info": method(files_info, "file count page limit cursor", "files:read"),
}

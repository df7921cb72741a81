"""What to do about each way in which Slack refuses the installation, in one place for `run` and `doctor`."""

from slack_sdk.errors import SlackApiError

APP_PAGE = "https://api.slack.com/apps › your app"

BOT_TOKEN = {
    "invalid_auth": f"Slack doesn’t know SLACK_BOT_TOKEN: copy it anew from {APP_PAGE} › OAuth & Permissions.",
    "not_authed": f"SLACK_BOT_TOKEN is empty: copy it from {APP_PAGE} › OAuth & Permissions.",
    "account_inactive": f"SLACK_BOT_TOKEN’s app was removed from its workspace: {APP_PAGE} › Install App.",
    "token_revoked": f"SLACK_BOT_TOKEN was revoked: {APP_PAGE} › Install App, then copy the new token.",
    "token_expired": f"SLACK_BOT_TOKEN has expired: switch token rotation off or install again ({APP_PAGE}).",
}
APP_TOKEN = {
    "invalid_auth": f"Slack doesn’t know SLACK_APP_TOKEN: copy it anew from {APP_PAGE} › Basic Information.",
    "not_allowed_token_type": "SLACK_APP_TOKEN must be an app-level token (xapp-…), not a bot’s or a person’s.",
    "missing_scope": f"SLACK_APP_TOKEN lacks connections:write: make a new one at {APP_PAGE} › Basic Information.",
    "forbidden": f"Socket Mode is off for this app: switch it on at {APP_PAGE} › Socket Mode.",
    "not_authed": f"SLACK_APP_TOKEN is empty: make one at {APP_PAGE} › Basic Information.",
}


def bot_token_mend(refused: SlackApiError) -> str:
    return _mend(BOT_TOKEN, "SLACK_BOT_TOKEN", refused)


def app_token_mend(refused: SlackApiError) -> str:
    return _mend(APP_TOKEN, "SLACK_APP_TOKEN", refused)


def _mend(known: dict[str, str], setting: str, refused: SlackApiError) -> str:
    error = str(refused.response.get("error"))
    return known.get(error, f"Slack refused {setting} ({error}): see {APP_PAGE}.")

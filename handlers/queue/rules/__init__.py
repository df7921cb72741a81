"""Pure decisions about figures and digests: no Slack, no session, no clock."""

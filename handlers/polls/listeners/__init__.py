"""Slack event → parse → one transaction → answer."""

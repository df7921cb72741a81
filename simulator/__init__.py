"""A local Slack workspace: Web API, Socket Mode, HTTP mode, people who act, and a page to look at it."""

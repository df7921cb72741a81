"""Slack → one transaction → an answer, by what people are doing: answering, commanding, setting, looking, sharing."""

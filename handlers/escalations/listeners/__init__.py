"""Slack → one transaction → an answer, by what people are doing: raising, moving, ending, asking, handing over."""

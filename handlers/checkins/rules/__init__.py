"""Pure decisions about check-ins: (nouns, now) → answer. No Bolt, no session, no clock.

`windows` says when somebody is asked or why not, `answering` which day an answer belongs to, `results` what a round may
tell, `watching` what somebody's own answers tell them, `rights` who may do what.
"""

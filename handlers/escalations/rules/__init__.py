"""Pure decisions about escalations: (nouns, now) → answer. No Bolt, no session, no clock.

`policy` says how long things may take, `clocks` runs them, `moves` are the transitions, `rights` who may make them,
`references` how tickets and words are read, `receipt` explains, `figures` counts.
"""

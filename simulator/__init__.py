"""A local Slack workspace with one app installed: Web API, Socket Mode or HTTP mode, people who act, a page to see it.

It is stricter than Slack where an app's bugs would hide, and loopback only. `Simulator(workspace, now=…, manifest=…)`
and then `await simulator.start()` is all; `simulator.acts_as("Ben")` gives somebody's hands, `simulator.faults` bad
days, `simulator.calls` what the app asked for, and `simulator.surprises` what no test should let pass: unknown methods
and arguments, unusable acknowledgements, messages without text for notifications.

State
  changes      telling watchers; `wait_until`
  roster       people, user groups, Do Not Disturb (over people: one account)
  rooms        channels and DMs (over conversations: one channel, its messages by `ts`)
  workspace    messages, ephemerals, modals, Homes, files: `Workspace`
  screens      an open modal or Home; typed_state: what is typed in it
  notifying    who would be notified by a message

The app's way in
  web_api      /api/<method>, response URLs, uploads; arguments, desk: what methods read and work with
  methods      chat, conversations, views, people, files
  block_kit    limits and shape of messages and views; elements, rich_text, problems beneath it
  modal_stacks open, push, update, publish, and what a submission's answer does
  interactivity  trigger ids, response URLs; responding: what an answer to one does
  faults       delays, refusals, 429, 5xx, dropped connections, lagging history

The app's way out
  manifest     what the app promised: commands, shortcuts, events, scopes
  payloads     what it is sent
  socket_mode, http_mode   how it is sent; event_feed: which events, with retries

People
  acting       `Actor`: in a person's words; hands: by ids, for the page
  shown        a message, modal or Home as somebody sees it; rendering: its text; addressing: @names
  interactions commands, clicks and forms on their way; choosing: what a client lets through
  page, looking, page/   the page; demo: a seeded workspace with the bot in it

`server` ties it together. Importing any of it does nothing.
"""

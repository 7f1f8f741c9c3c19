use examples/lifecycle.tenure
---
# rows: S01 S06 S07 S10 S22 S23 S24 S25 S36
# Max is in each of the usual states in turn: what it makes of him, and who hears of it.
activate final-phase by schedule
activate whereabouts by schedule
process lifecycle
event attribute changed, max@acme.example, attribute lifecycle, new "leave"
event attribute changed, max@acme.example, attribute lifecycle, new "prehire"
event attribute changed, max@acme.example, attribute lifecycle, new "inactive"
event attribute changed, max@acme.example, attribute lifecycle, new "active"
event attribute changed, max@acme.example, attribute lifecycle, new "deleted"
store user max@
# Without a state people are active.
event attribute changed, max@acme.example, attribute lifecycle, new null
store user max@
# Ninety days after he left his state goes on by itself, and not before.
event attribute changed, max@acme.example, attribute lifecycle, new "terminated"
advance 89d
store user max@
advance 1d
store user max@
sent

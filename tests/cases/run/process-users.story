# rows: S18 S20 S34
# Who is processed by name is looked at whatever their identity state, and their runs go on to
# the end. The limit is the whole policy's, and all or nothing.
policy idle
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 30d
  limit 3
  then wait 2d, disable account
---
activate idle by schedule
process users ned@acme.example
store account salesforce/ned
advance 1h
# The schedule has its own time still, and passes by those who are inactive long-term.
process users zoe@acme.example olga@acme.example pat@acme.example
process users zoe@acme.example olga@acme.example
advance 3d
store account salesforce/ned
process users ned@acme.example

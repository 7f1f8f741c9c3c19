policy leavers
  for users
  on department changed to "Legal"
  then suspend user

policy later
  for users
  every day at 12:00
  when department = "Sales"
  then suspend user
---
# What happened while a policy was only observed is observed, also where nothing ran in between.
activate leavers by schedule observed
event attribute changed, zoe@acme.example, attribute department, new "Legal", and nothing runs
activate leavers by schedule
advance 1h
store user zoe@
# Of a pilot it stays with those alone for whom it was one.
activate leavers by schedule only title contains "Nobody"
event attribute changed, yan@acme.example, attribute department, new "Legal", and nothing runs
activate leavers by schedule
advance 1h
store user yan@
# Of an older version it is heard in its words, and in earnest where it was so.
publish leavers with then suspend user as then notify admin "Second."
event attribute changed, max@acme.example, attribute department, new "Legal", and nothing runs
activate leavers by schedule
advance 1h
store user max@
event attribute changed, max@acme.example, attribute department, new "Sales", and nothing runs
publish leavers with on department changed to "Legal" as on department changed to "Nowhere"
activate leavers by schedule
# Now it listens to more, but to nothing of before.
publish leavers with on department changed to "Nowhere" as on department changed to "Sales"
activate leavers by schedule
advance 1h
# What it could not hear it never hears: paused, blocked, or not at work any more.
pause leavers "audit"
event attribute changed, pat@acme.example, attribute department, new "Sales", and nothing runs
activate leavers by schedule observed
resume leavers
advance 1h
activate leavers by schedule
pause leavers "audit"
event attribute changed, zoe@acme.example, attribute department, new "Sales", and nothing runs
# Nothing is otherwise: it hears it when it goes on.
activate leavers by schedule
resume leavers
advance 1h
event attribute changed, yan@acme.example, attribute department, new "Sales", and nothing runs
deactivate leavers
activate leavers by schedule
advance 1h
publish leavers with then notify as when not in group Contractors then notify
activate leavers by schedule
sql UPDATE grp SET gone = 1 WHERE name = 'Contractors';
event attribute changed, max@acme.example, attribute department, new "Legal", and nothing runs
event attribute changed, max@acme.example, attribute department, new "Sales", and nothing runs
publish leavers with when not in group Contractors as when locale is unknown
activate leavers by schedule
advance 1h
# A time of the schedule that was missed while it was only observed is not caught up in earnest.
deactivate leavers
activate later by schedule observed
clock 30h
activate later by schedule
advance 1h
store user yan@

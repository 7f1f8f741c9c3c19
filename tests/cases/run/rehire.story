# rows: S17 S20 S21 S25 S31 S32 S33 S34
# Who has left goes on by itself: terminated, then deleted after 90 days. Who comes back is seen
# by the import that says so; who is stuck is processed by name.
policy move-leavers-on
  for users
  every day at 12:00
  when lifecycle = terminated and since lifecycle.changed_at >= 90d
  limit none "a state, no access"
  then set lifecycle deleted

policy no-auditor-without-work
  for users
  every day at 12:00
  when status != active and has role Auditor
  then unassign role Auditor

policy welcome
  for users
  every day at 12:00
  when status = active and title = "Account Executive"
  then set locale = "en"
---
sql INSERT INTO role_member SELECT role.id, identity.id, NULL FROM role, identity WHERE role.name = 'Auditor' AND email = 'ned@acme.example'
activate move-leavers-on by schedule
activate no-auditor-without-work by schedule
activate welcome by schedule
# Zoe leaves: short-term at once, by the import that says so.
import identities.csv with zoe@acme.example,zoe,Zoe,Quist,active,Sales,Account Executive,olga@acme.example,active as zoe@acme.example,zoe,Zoe,Quist,suspended,Sales,Account Executive,olga@acme.example,terminated
store user zoe@
advance 89d
store user zoe@
advance 1d
store user zoe@
# She is hired again: the import reaches her though she is inactive long-term.
import identities.csv with zoe@acme.example,zoe,Zoe,Quist,suspended,Sales,Account Executive,olga@acme.example,terminated as zoe@acme.example,zoe,Zoe,Quist,active,Sales,Account Executive,olga@acme.example,active
store user zoe@
advance 1d
# Ned is stuck in a role: no schedule looks at him.
store role member Auditor
advance 2d
process policies
process users ned@acme.example
store role member Auditor
store identity state

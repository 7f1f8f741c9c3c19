policy seats
  for accounts in app Salesforce
  once at 2026-11-20T12:00
  when inactive > 90d and user.email = "zoe@acme.example"
  then task manager "Move the files of {{ account.username }}.", run webhook revoke

policy lead
  for users
  once at 2026-11-20T12:00
  when user.email = "max@acme.example"
  then task (yan@acme.example, dev.lead@acme.example) "Take the laptop."
webhook revoke
  url "https://hooks.acme.example/revoke"
---
# Nobody looks at these policies again, and the tasks have no end.
activate seats
activate lead
advance 1d
# One of two is left: it stays theirs.
sql UPDATE identity SET gone = 1 WHERE email = 'yan@acme.example';
# Whoever is the manager by now gets what nobody has any more.
sql UPDATE identity SET identity_state = 1 WHERE email = 'olga@acme.example';
sql UPDATE identity SET manager_email = 'ceo@acme.example', manager_key = 'ceo@acme.example' WHERE email = 'zoe@acme.example';
sent
advance 2d
sent
# Without anybody whom the step names, it is the admin's.
sql UPDATE identity SET gone = 1 WHERE email IN ('dev.lead@acme.example', 'ceo@acme.example');
advance 2d
# Who is away may still say that it is done.
done 1 by olga@acme.example
# And where there is no admin either the run fails, which shows.
sql UPDATE identity SET gone = 1 WHERE email = 'it@acme.example';
advance 2d

webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d
  except in group Execs
  then run webhook revoke, remove from group "Salesforce Users"
  if failed notify manager, wait 1d, notify admin "{{ run.subject }} is still there: {{ webhook.msg }}"
---
# A step that failed stops the run: nothing behind it is done, and what stands behind `if failed`
# follows. The admin is told nothing beside that.
webhook refused
activate seats
advance 1h
sent
# It has failed already, and can be tried again before those steps are over.
retry 1
advance 6h
webhook works
retry 1
advance 2d
sent
# The other one waits for a person.
retry 2
advance 1h

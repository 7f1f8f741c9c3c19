policy licences
  for grants in app Salesforce
  when permission = "Sales Cloud" and user.email in ("zoe@acme.example", "yan@acme.example")
  limit none "a test"
  then revoke permission "Sales Cloud", wait 2d, disable account
  if failed notify admin "{{ user.email }} still has it"
---
# A permission that was revoked and a run that waits: it goes no further, and `if failed` follows.
activate licences
advance 1h
import grants.csv
advance 10min
sent
retry 1
# A disabled account that the next data shows active; who is disabled there is out of it.
cancel 2
advance 3d
import accounts.csv with salesforce,yan,yan@acme.example,active as salesforce,yan,yan@acme.example,disabled
advance 10min

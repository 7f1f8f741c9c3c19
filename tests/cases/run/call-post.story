# rows: O12
# What acts is sent once, unless the policy says otherwise; and never about nobody.
policy once
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then call POST "https://api.acme.example/close" json "{}", call GET "https://api.acme.example/x"
policy nobody
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then call DELETE "https://api.acme.example/users/{{ user.locale }}", disable account
  if failed notify admin "{{ run.why }}"
---
webhook fails
activate once
advance 10d
cancel 1
activate nobody
advance 1h
sent

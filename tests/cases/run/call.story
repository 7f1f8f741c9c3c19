# rows: O10 O11 O12
# One call: the values by their places, and what counts as done.
policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then call DELETE "https://api.acme.example/users/{{ user.email }}/seats?of={{ app.label }}"
         with bearer env SEATS_TOKEN
         header "X-Run" = "{{ run.id }}"
         json """{"who": "{{ user.name }}", "since": {{ account.last_seen }}, "seat": {{ account.seat }}}"""
         accept (404)
         retry 1,
       notify manager
---
webhook fails
activate seats
advance 1d
sent
webhook works
retry 1
advance 1h
sent

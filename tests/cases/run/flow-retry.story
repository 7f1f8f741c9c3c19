# rows: O09
# A flow that failed goes on with the call that failed: what was done is not done again.
flow close with seat
  call POST "https://one.acme.example/seats/{{ seat }}",
  call POST "https://two.acme.example/seats/{{ seat }}"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then run flow close with seat = account.seat, disable account
---
webhook refused at two.acme.example
activate seats
advance 1h
sent
webhook works at two.acme.example
retry 1
advance 1h
sent

# rows: L49 L50 O12
# What an app says of its steps is done there first, and then in the store.
webhook revoke
  url "https://hooks.acme.example/revoke"
  retry 0
webhook revoke-seat
  url "https://hooks.acme.example/revoke-seat"
flow disable
  call PATCH "https://sf.acme.example/users/{{ account.username }}" json """{"active": false}""",
  call POST "https://sf.acme.example/users/{{ account.username }}/freeze"

app Salesforce
  deprovision with webhook revoke
  permission "Sales Cloud" deprovision with webhook revoke-seat
  disable account with flow disable

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then revoke permission ("Sales Cloud", "Service Cloud"), disable account, remove access

policy grants
  for grants in app Salesforce
  when permission in ("Sales Cloud", "Service Cloud") and account.username in ("pat", "yan")
  then remove access
---
store account salesforce/zoe
activate seats
advance 1h
sent
store account salesforce/zoe
# The app's own way would take all of it.
activate grants
advance 1h
sent

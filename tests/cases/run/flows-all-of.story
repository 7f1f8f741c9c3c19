# rows: O16 O19 O17
# One event of a life, a flow for each app: the failure of one leaves the others.
flow end-office365
  call POST "https://graph.acme.example/users/{{ user.email }}/revokeSignInSessions",
  call PATCH "https://graph.acme.example/users/{{ user.email }}" json """{"accountEnabled": false}"""

flow end-google
  call POST "https://google.acme.example/users/{{ user.email }}/suspend",
  call POST "https://google.acme.example/users/{{ user.email }}/signOut"

policy leavers
  for users
  when user.email = "lea@acme.example"
  then all of (run flow end-office365, run flow end-google, suspend user)
---
webhook refused at graph.acme.example
activate leavers
advance 1h
sent
webhook works at graph.acme.example
retry 1
advance 1h
sent

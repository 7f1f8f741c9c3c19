# rows: O04 O09 O13 L47
# The calls of a flow go one after the other, each when the one before was answered.
flow end-office365-sessions with upn, why
  call POST "https://graph.acme.example/v1.0/users/{{ upn }}/revokeSignInSessions",
  call PATCH "https://graph.acme.example/v1.0/users/{{ upn }}"
    with bearer env GRAPH_TOKEN
    json """{"accountEnabled": false, "why": "{{ why }}"}"""
    accept (404)

policy leavers
  for users
  when user.email = "lea@acme.example"
  then run flow end-office365-sessions with upn = user.email, why = "left", disable user
---
activate leavers
advance 1h
sent

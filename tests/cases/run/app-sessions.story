# rows: O08 O13 O14 O15
# Sessions end in every app as each says; an app that says nothing stands in the store alone.
flow end-office365
  call POST "https://graph.acme.example/users/{{ account.username }}/revokeSignInSessions"

webhook suspend-google
  url "https://hooks.acme.example/google"

app office365
  end sessions with flow end-office365
app google
  end sessions with webhook suspend-google

policy leavers
  for users
  when user.email = "lea@acme.example"
  then suspend user, end sessions
---
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username IN ('lroux');
webhook refused at hooks.acme.example
activate leavers
advance 1h
webhook works at hooks.acme.example
retry 1
advance 1h
sent
store session

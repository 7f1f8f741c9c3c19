webhook take
  url "https://hooks.acme.example/take"

policy seats
  for accounts
  when user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", set department = "A", run webhook take,
       set department = "B"
---
# The same at one stroke.
activate seats
advance 1h
undo evaluation 1
store user zoe

webhook take
  url "https://hooks.acme.example/take"

policy seats
  for accounts
  when user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", set department = "A", run webhook take,
       set department = "B"
---
# Two runs for one person change the same within one second: the last change is undone first,
# whichever run made it.
activate seats
advance 1h
store user zoe
undo 1
undo 2
undo 1
store user zoe
undo evaluation 1

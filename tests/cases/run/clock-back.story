webhook revoke
  url "https://hooks.acme.example/revoke"
policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 3d remind 1d, wait 1d, run webhook revoke, wait 1d, disable account, notify manager
---
# The clock goes back by an hour, a day, and more than a year, at each stage of a run: nothing is
# asked, told or done a second time, and all goes on when the clock is where it was.
activate seats
clock -1h
advance 1h
clock -1d
advance 1d
clock -400d
advance 1d
clock 399d
advance 2d
clock -1d
advance 1d
# Reminded once.
advance 1d
clock -400d
advance 1d
clock 399d
advance 1d
clock -1d
advance 2d
clock -1h
advance 1h
clock -400d
advance 1d
clock 399d
advance 5d
sent

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 3d remind 1d, disable account
---
# The clock is set back, and right again: that is no outage, the window closes when it should, and
# nobody is reminded again.
activate seats
leap 1d
leap 1d
clock -400d
leap 1h
clock 399d
leap 23h
leap 1d

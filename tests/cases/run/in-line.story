policy first
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 5d, disable account

policy second
  for accounts in app Salesforce
  when user.department = "Sales" and user.email = "zoe@acme.example"
  then ask owner for 2d, disable account

policy third
  for accounts in app Salesforce
  when not in group Execs and user.email = "zoe@acme.example"
  then ask manager, escalate to owner after 1d for 3d, disable account

policy people
  for users
  when email = "zoe@acme.example"
  then ask owner for 1d

---
# rows: L73
# Who is asked by others only does not wait, until they are to be asked who are asked already.
activate first
activate second
activate third
# A user is no account.
activate people
advance 36h
# Whoever was asked before may decide in line too.
decide 3 keep by dev.lead@acme.example
decide 3 keep by olga@acme.example
# The first one is stopped: it is the turn of the next.
cancel 1
retry 2
advance 1h
cancel 2
advance 1d

app GitHub
  activity from github

policy seats
  for accounts in app Salesforce
  when inactive > 900d and not in group Leadership
  then notify admin

policy code
  for accounts in app GitHub
  when inactive > 900d
  then notify admin

policy people
  for users
  when department = "Nowhere"
  then notify admin
---
# Two days are too old for what Okta says, and no other source has a limit; a name that no source has
# is reported.
fresh okta 2d
fresh octa 1h
activate seats
activate code
activate people
advance 2d
advance 1d
# The group is Google's: its age counts too. What is imported again is fresh, and what says of itself
# that it is old is not.
fresh google 1d
fresh salesforce 10d
advance 1d
sql UPDATE source SET imported_at = 1795510000 WHERE name = 'okta';
sql UPDATE source SET as_of = 1793000000 WHERE name = 'salesforce';
advance 1d

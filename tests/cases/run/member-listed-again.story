policy out
  for users
  on group joined "Salesforce Users"
  when department = "Sales"
  then remove from group "Salesforce Users"
---
# Whoever was taken out of a group and is listed still has not joined it.
activate out by schedule
event group joined, olga@acme.example, group Salesforce Users
advance 1h
company memberships.csv: Engineering,okta,max -> "Salesforce Users",okta,olga@acme.example,2020-03-03\nEngineering,okta,max
advance 1h
# Who is not listed any more, and then is, has.
company apps.csv: Salesforce -> Salesforce
advance 1h
company memberships.csv: Engineering,okta,max -> "Salesforce Users",okta,olga@acme.example,\nEngineering,okta,max
advance 1h
store event

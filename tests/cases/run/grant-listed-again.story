webhook revoke
  url "https://hooks.acme.example/revoke"

app Salesforce
  deprovision permissions with webhook revoke

policy dormant
  for grants in app Salesforce
  every day at 12:00
  when inactive > 90d and permission = "Sales Cloud" and user.email = "zoe@acme.example"
  then remove access
---
# A grant that data lists again after it was taken is the one that was taken: its run has failed,
# no other one opens, nothing is sent again, and its expiry is told of once.
activate dormant by schedule
advance 1d
sent
company grants.csv: zoe -> zoe
advance 1d
company grants.csv: zoe -> zoe
advance 1d
sent
store event
retry 2
advance 1h
sent
# Newer data does not list it: it is over. What is listed after that is another grant, also where
# nobody knows when it was granted.
company grants.csv: zoe,sales_cloud -> zoe,service_cloud
advance 1d
company grants.csv: zoe,sales_cloud,2022-05-03 -> zoe,sales_cloud,
advance 1d

policy seats
  for grants in app Salesforce
  every day at 12:00
  when permission = "Sales Cloud" and user.email in ("zoe@acme.example", "yan@acme.example")
  then ask owner for 3d, if ignored keep, revoke permission "Sales Cloud"
---
# What was decided of a grant holds for it when it is listed again; one that was granted later is
# another grant, of which nothing was decided.
activate seats by schedule
advance 1d
decide 1 keep by zoe@acme.example
decide 2 keep by yan@acme.example
advance 1h
company grants.csv: zoe,sales_cloud -> zoe,service_cloud; grants.csv: yan,sales_cloud -> yan,service_cloud
advance 2d
company grants.csv: yan,sales_cloud,2023-02-02 -> yan,sales_cloud,2026-11-23
advance 1d
# One that a run took, and that newer data shows as granted after that, is no failure of the run.
decide 3 remove by yan@acme.example
advance 1h
company grants.csv: yan,sales_cloud,2023-02-02 -> yan,sales_cloud,2026-11-24T18:00:00Z
advance 1d

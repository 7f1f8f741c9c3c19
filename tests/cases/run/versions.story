webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 7d, run webhook revoke
---
# rows: M21 M22 M23 M24 M27 L70
# A newer draft takes the place of an older one; the number is never given again.
publish line with 7d as 6d
publish line with 6d as 5d
activate line by schedule
# Unchanged makes no version, and the text at work takes the place of a draft.
publish line with 5d as 4d
publish line with 4d as 5d
publish line with 5d as 4d
activate line by schedule
# What was active before is published, and can be activated again.
publish line with 4d as 3d
activate line version 3 by schedule
publish line with 3d as 2d
activate line by schedule
publish line with 2d as 8d
activate line by schedule
publish line with 8d as 9d
activate line by schedule
publish line with 9d as 10d
activate line by schedule
publish line with 10d as 11d
activate line by schedule
publish line with 11d as 12d
activate line by schedule
publish line with 12d as 13d
activate line by schedule
publish line with 13d as 14d
activate line by schedule
# Ten are kept; the eleventh is refused.
publish line with 14d as 15d
delete line version 15
publish line with 14d as 15d
delete line version 3
delete line version 99
publish line with 14d as 15d
activate line by schedule
publish line with 15d as 16d

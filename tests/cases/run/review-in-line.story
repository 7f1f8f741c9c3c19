policy idle
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask it@acme.example for 5d, if ignored keep, disable account

policy slow
  for accounts in app Salesforce
  when inactive > 90d and user.email = "olga@acme.example"
  then ask it@acme.example for 9d, if ignored keep, disable account
---
# rows: L73
# A question of an access review is open until the review ends, whenever it is put: the mail says
# until when. Whose turn does not come before that is not asked.
activate idle
activate slow
review accounts in app Salesforce by it@acme.example for 5d then disable account
sent
advance 4d
decide 1 keep by it@acme.example
advance 1h
sent
# A pause moves the end of all of them by the same time.
pause review 1 "a look"
advance 2d
resume review 1
advance 1d

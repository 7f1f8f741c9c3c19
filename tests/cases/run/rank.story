policy third
  for accounts in app Salesforce
  when inactive > 80d
  rank 3 in seats
  limit none "a story"
  then disable account

policy second
  for accounts in app Salesforce
  when inactive > 120d
  rank 2 in Seats
  limit none "a story"
  then ask owner for 2d, if ignored keep, disable account

policy best
  for accounts in app Salesforce
  when user.department = "Board" or user.title contains "Head" or account.seat = "A7"
  rank 1 in seats
  then notify admin "{{ account.username }}"

policy elsewhere
  for accounts in app Salesforce
  when inactive > 200d
  rank 1 in others
  then notify admin "{{ account.username }}"
---
# The heads and the board are the best-ranked policy's, and so is whoever it could be true of.
sql UPDATE identity SET title = NULL, title_key = NULL WHERE email = 'yan@acme.example';
sql UPDATE account SET last_seen = 1780000000, last_login = 1780000000 WHERE username = 'yan';
activate best
activate second
activate third
activate elsewhere
# Zoe is asked by the second one. Nobody answers, and the second one's condition holds still: the third
# leaves her alone. When it does not any more, the third may have her.
advance 3d
sql UPDATE account SET last_activity = NULL, last_login = 1788000000, last_seen = 1788000000 WHERE username = 'zoe';
advance 1d
# Where a policy of the set cannot be followed, nobody knows whom it holds for.
sql UPDATE account SET status = 'active', last_login = 1788000000, last_seen = 1788000000 WHERE username = 'yan';
sql UPDATE policy_version SET text = replace(text, 'account.seat', 'account.chair') WHERE text LIKE '%rank 1 in seats%';
advance 2d

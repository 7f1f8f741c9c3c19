policy offices
  every day at 12:00
  when never active or inactive > 1h
  limit 3
  report to admin
  then disable account
---
# The report of a held evaluation lists whom it would have opened a run for.
activate offices
sent
# While it is held with the same list, or with one that was discarded, there is no news; another
# list is.
advance 1d
discard 1 "not now"
advance 1d
sent
sql UPDATE account SET gone = 1 WHERE username = 'yan';
advance 1d
sent

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

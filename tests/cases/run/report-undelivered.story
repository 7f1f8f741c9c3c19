policy seats
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 150d
  limit none "a story"
  report to (admin, out@other.example)
  then disable account
---
# A report that fails is tried again, and the same one; one that is refused is not. Neither stops
# a run.
mail fails
activate seats
mail refused
advance 6min
sent

policy offices
  when never active or inactive > 1h
  limit 3
  then disable account
---
# All or nothing: an evaluation that would pass the limit opens nothing.
activate offices

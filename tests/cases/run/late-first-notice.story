webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner, escalate to manager after 7d, run webhook revoke
---
# The owner hears late, the manager never: the owner has the whole window all the same.
mail fails
activate line
advance 25h
sql UPDATE outbox SET next_at = next_at + 3600 * 40 WHERE key LIKE '%\_2' ESCAPE '\';
mail works
advance 24h

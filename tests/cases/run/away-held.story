policy alone
  for accounts in app Salesforce
  every 30d
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner for 7d, disable account

---
# Silence of those who are away decides nothing, even where nobody looked before the end.
activate alone
advance 6d
sql UPDATE identity SET identity_state = 1 WHERE email = 'zoe@acme.example';
advance 1d
# They come back, and are asked again.
sql UPDATE identity SET identity_state = 0 WHERE email = 'zoe@acme.example';
retry 1
advance 7d

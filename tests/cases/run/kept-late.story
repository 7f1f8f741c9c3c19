policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner, disable account
  if kept notify manager "{{ user.name }} keeps it."
---
# A run is over when it ended, and its rest counts from there, however late its last mail arrives.
activate seats
mail fails
decide 1 keep by zoe@acme.example
store run seats 1 salesforce/zoe
advance 20h
mail works
advance 2d
store run seats 1 salesforce/zoe

policy offboard
  for users
  on department changed to "Legal"
  limit 2
  then suspend user
---
# The limit counts what events open, and an import is one evaluation. What is held stays held until
# somebody says what becomes of it; more comes to it, and no later event puts an end to it.
activate offboard by schedule
event attribute changed, zoe@acme.example, attribute department, new "Legal"
company identities.csv: active,Sales -> active,Legal
event attribute changed, it@acme.example, attribute department, new "Legal"
event attribute changed, ceo@acme.example, attribute department, new "Legal"
release 2 "they all leave"

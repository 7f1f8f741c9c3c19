# rows: L53 L56
# What is already so there is skipped, whatever the store said, and the store is put right. And
# what the store takes for done is asked for all the same.
policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then remove from group "Salesforce Users", remove from group Contractors, disable account
---
connect okta
connect salesforce
connector so
activate seats
advance 1h
sent
store account salesforce/zoe

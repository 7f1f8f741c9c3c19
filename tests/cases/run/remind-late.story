policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner "Yours?" for 5d remind (3d, 2d, 1d), remove from group "Salesforce Users"
---
activate seats
advance 1h
mail fails
advance 3d
# One that is still on its way when the review ends is taken back.
decide 1 keep by zoe@acme.example
mail works
advance 5d
sent

# An account's own way is to leave its app.
policy leave
  for accounts in app Salesforce
  when inactive > 90d and not in group Execs
  then ask owner for 2d, remove access, notify owner "Bye"
---
activate leave
advance 5d
store app salesforce
store account salesforce/zoe
store grant salesforce/zoe

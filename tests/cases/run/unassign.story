# Both ways end an account's place in its app; what is done already is skipped.
policy leave
  for accounts in app Salesforce
  when inactive > 90d and not in group Execs
  then unassign from app, remove access, notify owner "Bye"
---
activate leave
store app salesforce
store account salesforce/zoe
advance 1d

# One arm changes what another asks for: a run leaves out what it has changed itself. What others
# change counts.
policy sellers
  for accounts in app Salesforce
  when in group "Salesforce Users" and inactive > 80d then remove from group "Salesforce Users", wait 1d
  when in group "Salesforce Users" and account.status = active then disable account, wait 1d
  when account.status = active and inactive > 80d then revoke permission "Sales Cloud", unassign from app
  except in group Execs
policy placed
  for users
  when in group Engineering then notify admin "{{ user.email }} is placed."
  otherwise then add to group Engineering, wait 1d, suspend user
  except department != "Legal"
---
activate sellers
activate placed
advance 1d
store account salesforce/zoe
store membership Salesforce
# The run has disabled zoe's account; that somebody else has suspended it since is no doing of the
# run, and what asks for an active one takes nothing more.
sql UPDATE account SET status = 'suspended' WHERE username = 'zoe';
advance 3d
store account salesforce
store user pat

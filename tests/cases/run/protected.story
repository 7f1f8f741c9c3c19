# The configuration's word holds at every step that takes, webhooks included, whenever it came.
policy webhooks
  for accounts in app Salesforce
  when inactive > 90d and not in group Execs
  then run webhook revoke
policy accounts
  for accounts in app Salesforce
  when inactive > 80d and not in group Execs
  then notify owner "Soon", disable account, delete account
policy users
  for users
  when department = "Sales" and user.status = active
  then end sessions, remove from group "Salesforce Users", assign role "CRM User"
webhook revoke
  url "https://hooks.acme.example/revoke"
---
protect user olga@acme.example
protect account salesforce/pat
webhook fails
activate webhooks
protect account salesforce/zoe
protect group Leadership
advance 1h
sent
webhook works
activate accounts
activate users
# Nobody knows who is in a group that is not there, so nothing is taken from anybody.
protect group Nobody
advance 30d

# A step about users is about the account's owner, and one account is left out with its owner.
policy leavers
  for accounts in app github
  when lifecycle = terminated or inactive > 30d
  then disable account, disable user, wait 1d, delete user, wait 1d, run webhook told, notify manager "{{ user.email }} left {{ app.label }}"
policy orphans
  for accounts in app Salesforce
  when account.username = "svc-sync" and never active
  then disable user
webhook told
  url "https://hooks.acme.example/told"
---
activate leavers
store user lea
advance 1d
store user lea
store account github/lroux
advance 1d
sent
activate orphans

# An app keeps its owner, a privileged role its last holder, whoever asks.
policy auditors
  for users
  when has role Auditor
  then unassign role Auditor
policy leavers
  for users
  when has role Auditor or department = "Engineering"
  then suspend user
policy engineers
  for accounts in app GitHub
  when department = "Engineering"
  then run webhook bye, delete user
policy seats
  for accounts in app github
  when inactive > 30d
  then disable account
webhook bye
  url "https://hooks.acme.example/bye"
---
sql UPDATE role SET privileged = 1;
activate leavers
activate auditors
# A second one, who could act, lets the first go; then that one is the last.
sql INSERT INTO role_member(role_id, identity_id) SELECT r.id, i.id FROM role r, identity i WHERE r.name = 'Auditor' AND i.email = 'zoe@acme.example';
retry 4
advance 1d
activate engineers
activate seats

# What never happens is refused whichever policy would do it, on what is not known too, and for
# what the run itself has changed.
define safe as in group Execs

never (delete account, disable account) when safe
never take access when cost_center = "300"
never (assign role "CRM User", set title = "Gone") when lifecycle = terminated
never remove from group (Execs, Leadership) when email starts with "o"

policy sellers
  for accounts in app Salesforce
  when inactive > 80d
  then remove from group Execs, end sessions, revoke permission "Service Cloud", disable account
policy engineers
  for accounts in app GitHub
  when department = "Engineering"
  then assign role "CRM User", set title = "Gone", run webhook bye
policy orphans
  for accounts in app Salesforce
  when never active
  then notify app owner, run webhook bye
policy heads
  for users
  when department = "Sales"
  then remove from group (Leadership, Contractors)
webhook bye
  url "https://hooks.acme.example/bye"
---
activate sellers
activate engineers
activate orphans
activate heads
# Where what is named is gone, nobody knows what must not be done.
sql UPDATE grp SET gone = 1 WHERE name = 'Execs';
advance 1d

# The condition is asked of what was there before; what follows from a state is set with it.
policy tidy
  for users
  when department = "Legal" and cost_center = "400" and lifecycle = leave
  then set department = "Law", set cost_center = "500", set manager = olga@acme.example, set title = "Counsel",
       notify manager "{{ user.email }}", set lifecycle archived, set lifecycle archived, wait 1d, disable user
policy away
  for accounts in app Salesforce
  when inactive > 90d and lifecycle = active and not in group Execs
  then set lifecycle deleted, wait 1d, disable account, notify owner "Hello", notify manager "Hello"
---
# rows: S10
store user pat
activate tidy
store user pat
store user attribute pat
advance 1d
store user pat
activate away
store user zoe
advance 1d
store account salesforce/zoe

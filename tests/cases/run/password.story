# One that has expired is not made to expire again.
policy choose
  for users
  when department = "Sales"
  then require password change, wait 1d, require password change
---
store user zoe
activate choose
advance 1d
store user zoe

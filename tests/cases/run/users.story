# Each state leads to a stronger one only; a deleted user is told nothing, and their manager is.
policy suspend
  for users
  when user.status = active and department = "Engineering"
  then suspend user
policy disable
  for users
  when not user.status = disabled and department = "Engineering"
  then disable user, suspend user, wait 1d, delete user, wait 1d, notify manager "{{ user.email }} is {{ user.status }}"
policy again
  for users
  when department = "Engineering"
  then suspend user
---
# rows: O06 M52
activate suspend
store user max
activate disable
store user max
activate again
advance 1d
store user max
advance 1d
sent
advance 5d

policy ask-only
  when inactive > 90d and department = "Sales"
  then ask owner for 3d
policy tell-next
  when inactive > 90d and department = "Sales"
  then ask owner for 3d, notify admin
---
activate ask-only
advance 1d
sent
activate tell-next
advance 1d
sent
advance 4d

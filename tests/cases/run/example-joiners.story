use examples/joiners.tenure
---
# rows: M01 M05 M06 M07 M08 M09 M10 M11 M12 M13 M17 M18 M19 M33 M34 M35
# The gate says no to whoever comes from elsewhere; who is created gets what their rule gives, or
# what everybody does.
activate only-our-addresses by schedule
activate joiners by schedule
event before user created, eva@else.example, by signup, user {"department": "Sales"}
event before user created, eva@acme.example, by signup
event before user created, eva@acme.example, by signup, user {"department": "Sales"}
event before user created, adam@else.example, by admin
event user created, eva@acme.example, by signup, user {"department": "Sales"}
event user created, adam@else.example, by admin, user {"cost_center": 300}
event user created, kim@acme.example, by admin, user {"department": "Research","cost_center": 900}
event user created, far@acme.example, by import, user {"department": "Sales"}
store membership
store role

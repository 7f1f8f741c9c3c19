use examples/movers.tenure
---
# rows: M01 M11 M12 M28 M29 M30 M31 M32 M36 M37 M39 M40 M42
# A saved profile gives and takes groups and roles, by each way that it can be saved.
activate sellers by schedule
activate no-longer-sellers by schedule
activate contractors by schedule
event user updated, max@acme.example, by admin, user {"department": "Sales"}
store membership
store role
event user updated, max@acme.example, by self, user {"title": "Sales Trainee"}
event user updated, yan@acme.example, by jit, user {"department": "Legal"}
event user updated, zoe@acme.example, by api, user {"username": "ext-zoe"}
event user updated, olga@acme.example, by admin, user {"given_name": "Temp"}
store membership
event user updated, zoe@acme.example, by api, user {"username": "zoe"}
event user updated, max@acme.example, by import, user {"department": "Legal"}
store membership
store role

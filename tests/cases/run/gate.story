policy only-our-domain
  before user created by signup
  require email ends with "@acme.example" "Sign up with your work address, not {{ user.email }}."

policy complete
  before user created
  require department is known and (department = "Sales" or cost_center = "100")
  require given_name = "Nel"
---
# rows: M08 M09 M11 M12 M13
# A gate lets pass or refuses, starts nothing, and refuses what it does not know.
activate only-our-domain by schedule
activate complete by schedule
event before user created, a@else.example, by signup, user {"department": "Sales","given_name": "Nel"}
event before user created, a@acme.example, by signup, user {"department": "Sales","given_name": "Nel"}
event before user created, a@else.example, by admin, user {"department": "Legal","given_name": "Nel","cost_center": 100}
event before user created, a@acme.example, by admin, user {"department": "Sales"}
event before user created, a@acme.example, by admin
event before user created, a@acme.example, by admin, id e1
event before user created, a@else.example, by signup, user {"department": "Sales","given_name": "Nel"}, id e1
deactivate complete
deactivate only-our-domain
event before user created, a@else.example, by signup
store user a@

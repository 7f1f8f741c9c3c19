policy privileged
  for accounts in app Salesforce
  on (group joined Execs, group left Execs)
  then notify admin "{{ user.email }} and Execs."

policy named
  for users
  on (event "app.device.lost", request "offboard/now")
  then notify admin "{{ user.email }}: a device is lost."
---
# rows: O01 O03
# Memberships, events of other systems by their names, and requests by their paths.
activate privileged by schedule
activate named by schedule
event group joined, zoe@acme.example, group Execs
event group left, zoe@acme.example, group Execs
event group joined, zoe@acme.example, group Engineering
event group joined, zoe@acme.example, group Exec
event event, salesforce/yan, name app.device.lost
event request, olga@acme.example, path /offboard/now
event event, olga@acme.example, name app.device.found
store event

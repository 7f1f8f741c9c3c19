template reminder
  subject "Still open: {{ app.label }}"
  body "{{ user.given_name }}, until {{ run.closes_at | date }} please."

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner "Yours?" for 5d remind 2d, remove from group "Salesforce Users"
---
# A declared template is what reminders say; what silence means is added.
activate seats
advance 4d
sent

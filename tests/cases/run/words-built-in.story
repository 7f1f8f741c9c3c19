webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then notify owner, escalate after 7d,
    notify owner with removal-under-way,
    run webhook revoke,
    notify owner with removal-done,
    notify manager

policy named
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then notify owner with review-request,
    notify owner with reminder,
    notify owner with escalation,
    notify owner with kept

policy passwords
  for users
  when title contains "Executive"
  then notify owner with password-about-to-expire,
    notify owner with password-expired,
    notify owner with password-changed

policy review
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then ask owner for 7d remind (1d)
  if kept notify owner

policy task
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then task manager "Give the seat back"

policy trouble
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then run webhook revoke

policy unheard
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then ask owner
---
# rows: M68 M69 M71
activate line
advance 15d
sent
activate named
sent
activate passwords
sent
activate review
advance 6d
decide 5 keep by zoe@acme.example
advance 1h
activate task
sent
webhook refused
activate trouble
sent
mail refused
activate unheard
sent

webhook revoke
  url "https://hooks.acme.example/revoke"

# A template takes the place of the built-in words of its name.
template review-request
  subject "Question about {{ app.label }}"
  body "Keep {{ account.username }}?"

template escalation
  subject "Nobody answered about {{ app.label }}"
  body "Keep {{ account.username }} of {{ user.name }}?"

template reminder
  subject "Still: {{ app.label }}"
  body "Keep {{ account.username }}, still?"

template kept
  subject "{{ app.label }} stays"
  body "{{ account.username }} stays."

template notice
  subject "For your information: {{ app.label }}"
  body "{{ policy.name }} looked at {{ account.username }}.{{ run.why }}"

template removal-done
  subject "Gone: {{ app.label }}"
  body "{{ webhook.msg }}"

template run-failed
  subject "{{ run.state | upper }}: {{ run.subject }}"
  body "{{ user.name }}: {{ run.why }}"

policy line
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then notify owner, escalate after 7d,
    run webhook revoke,
    notify owner with removal-done,
    notify manager,
    notify manager "Done with {{ account.username }}"

policy review
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then ask owner for 7d remind (1d)
  if kept notify owner

policy trouble
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then run webhook revoke

policy failing
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then run webhook revoke
  if failed notify manager

policy unheard
  for accounts in app Salesforce
  when inactive > 90d and title contains "Executive"
  then ask owner
---
activate line
advance 15d
sent
activate review
advance 6d
decide 2 keep by zoe@acme.example
advance 1h
sent
webhook refused
activate trouble
activate failing
sent
mail refused
activate unheard
sent

# Templates that take the place of built-in words, and helpers whose names need quotes.
template review-request
  subject "Still yours: {{ app.label | upper }}?"
  body "{{ user.given_name | default('Hello') }}, {{ account.last_seen | date }}."

template Escalation
  subject "{{ user.name | title }} did not answer"
  body "Seen {{ account.last_seen | datetime }} by {{ user.email | urlencode | trim | lower }}."

template "Kept & left (long)"
  subject "{{ user.department | default(\"nobody's\") | capitalize }}"
  body """
    {{ account.username | tojson }}
    """

webhook "R&D hook/café"
  url "https://hooks.acme.example/revoke"

policy signs
  for accounts in app Salesforce
  when inactive > 90d and user.email = "zoe@acme.example"
  then ask owner, escalate to manager after 7d, notify owner with "Kept & left (long)",
       run webhook "R\u{26}D hook/café"
---
activate signs
sent
advance 7d
sent
advance 7d
sent

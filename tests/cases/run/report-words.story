# rows: M65 M66 M67 M70
template dormant-users-report
  subject "{{ report.matched }} unused"
  body "To {{ report.to }}, from {{ policy.name }} at {{ report.at | date }}:\n{{ report.subjects }}"

template dormant-users-disabled-report
  subject "Disabled by {{ policy.title | default('nothing') }}: {{ report.done }}"
  body "{{ report.changes }}\nNew:\n{{ report.subjects }}\nIn trouble: {{ report.failed }}"

template dormant-users-deleted-report
  subject "Deleted: {{ report.done }}"
  body "{{ report.changes }}"

template passwords-about-to-expire-report
  subject "Passwords: {{ report.matched }} of {{ report.in_scope }}"
  body "{{ report.subjects }}\nnot known of {{ report.undecided }}"

policy look for accounts in app Salesforce
  when inactive > 200d
  report to admin

policy lock for accounts in app Salesforce
  when inactive > 300d
  limit none "a story"
  report to admin
  then disable account

policy drop for accounts in app Salesforce
  when inactive > 310d
  limit none "a story"
  report to admin
  then delete account

policy passwords for users
  when until password_expires_at <= 30d
  report to admin
---
activate look
sent
activate lock
sent
activate drop
sent
activate passwords
sent

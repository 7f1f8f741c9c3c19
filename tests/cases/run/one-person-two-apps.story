policy idle
  when inactive > 90d and user.email = "lea@acme.example"
  then notify manager "{{ app.label }}: {{ account.username }}"
---
# rows: L01
# Lea has an account in three apps; the idle one matches, and no other.
sql UPDATE account SET last_login = 1795000000, last_seen = 1795000000 WHERE username = 'lea@acme.example';
activate idle
sent

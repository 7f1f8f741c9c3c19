use examples/passwords.tenure
---
# rows: M01 M56 M57 M58 M59 M68 M69 M71
# A password that expires, from 90 days before to 30 after; and then it is changed.
sql UPDATE identity SET password_expires_at = unixepoch('2026-11-20T12:00:00Z') + 86400 * 91 WHERE email = 'it@acme.example';
sql UPDATE identity SET password_expires_at = unixepoch('2030-01-01T00:00:00Z') WHERE email <> 'it@acme.example';
activate password-expiry
activate password-set by schedule
advance 122d
sent
event attribute changed, it@acme.example, attribute password_changed_at, new "2027-03-22"
sent

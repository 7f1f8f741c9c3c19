policy passwords
  for users
  every day at 12:00
  when until password_expires_at reaches (90d, 60d, 45d, 30d, 15d, 7d, 0d) then notify owner with password-about-to-expire
  when since password_expires_at reaches (7d, 15d, 30d) then notify owner with password-expired
  except email != "ida@acme.example" and email != "it@acme.example"
  report to admin including disabled
---
# rows: M56 M57 M58 M59
sql UPDATE identity SET password_expires_at = unixepoch('2026-11-20T12:00:00Z') + 86400 * 91 WHERE email = 'it@acme.example';
activate passwords
advance 1d
sent
advance 124d

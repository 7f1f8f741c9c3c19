policy grants
  for grants in app Salesforce
  on access expired
  limit 1
  then notify owner "Your access has ended", remove access
---
# Whoever was given more time before anyone heard that their access had ended is not written to, and
# nothing is opened; likewise where an evaluation was held meanwhile.
sql UPDATE access_grant SET expires_at = NULL;
sql UPDATE access_grant SET expires_at = unixepoch('2026-11-21T12:00:00Z') WHERE id = 1;
activate grants by schedule
pause grants "audit"
advance 1d
sql UPDATE access_grant SET expires_at = unixepoch('2026-11-23T12:00:00Z') WHERE id <= 3;
resume grants
advance 1h
advance 3d
sql UPDATE access_grant SET expires_at = NULL WHERE id = 2;
release 2 "checked"
advance 1h
sent
store event

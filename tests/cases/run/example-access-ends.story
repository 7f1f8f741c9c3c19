use examples/access-ends.tenure
---
# rows: W01 W03 W04 W08 W20 W21 W22 W23 W24 W25 W27 W28
# A permission ends by its own webhook, a seat by that of its app, whatever made it due: their time,
# an access review, or that nobody uses it. Each once.
activate expired-seats by schedule
activate expired-permissions by schedule
activate rejected-seats by schedule
activate rejected-permissions by schedule
sql UPDATE access_grant SET expires_at = unixepoch('2026-11-22T12:00:00Z') WHERE account_id = (SELECT id FROM account WHERE username = 'yan' AND app_id = 1);
sql UPDATE account SET expires_at = unixepoch('2026-11-25T12:00:00Z') WHERE username = 'pat' AND app_id = 1;
advance 1d
sent
advance 1d
sent
advance 5d
sent
event access rejected, salesforce/olga/Sales Cloud
sent
event access rejected, salesforce/olga
sent
activate unused-seats
advance 7d
decide 6 remove by zoe@acme.example
advance 1h
sent
store account salesforce
store access_grant

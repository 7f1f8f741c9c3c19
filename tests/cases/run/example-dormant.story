use examples/dormant-accounts.tenure
---
# rows: M01 M03 M43 M46 M47 M49 M51 M52 M53 M54
# Dormant accounts are listed first, then off, then gone; the admin reads a report of each.
sql UPDATE account SET gone = 1 WHERE last_seen IS NULL;
activate dormant-list by schedule
advance 4d
sent
activate dormant-off by schedule
advance 1d
sent
store account salesforce/zoe
activate dormant-gone by schedule
advance 14d
sent
store account salesforce/olga

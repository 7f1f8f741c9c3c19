policy noon for accounts in app Salesforce when user.email = "zoe@acme.example" then notify admin
policy one for accounts in app Salesforce once at 2026-11-21T09:00 when user.email = "zoe@acme.example" then notify admin
policy hourly for accounts in app Salesforce every hour when user.email = "zoe@acme.example" then notify admin
policy weekly for accounts in app Salesforce every tuesday, friday at 15:00 when user.email = "zoe@acme.example" then notify admin
policy monthly for accounts in app Salesforce every month on 31 at 08:00 when user.email = "zoe@acme.example" then notify admin
policy tokyo for accounts in app Salesforce every day at 09:00 in Asia/Tokyo when user.email = "zoe@acme.example" then notify admin
---
# rows: M43 M44 M45 M46 M47 O02
# It is Friday noon. November has no 31st: its last day is meant.
activate noon by schedule
activate one by schedule
activate hourly by schedule
activate weekly by schedule
activate monthly by schedule
activate tokyo by schedule
advance 1h
advance 4d
advance 20d

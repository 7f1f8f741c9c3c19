policy spring
  for accounts in app Salesforce
  every day at 02:30 in Europe/Paris
  when user.email = "zoe@acme.example"
  then notify admin
policy autumn
  for accounts in app Salesforce
  every day at 02:30 in Europe/Paris
  when user.email = "yan@acme.example"
  then notify admin
---
# rows: M48
# On the 28th of March half past two does not exist: it is done at three, an hour after one.
clock 127d
activate spring by schedule
advance 12h
advance 1h
advance 1h
# On the 31st of October it comes twice, and once is enough: the second time nothing happens.
clock 216d
activate autumn by schedule
advance 22h
advance 30min
sql UPDATE run SET blocks_until = 0;
advance 1h
advance 1d

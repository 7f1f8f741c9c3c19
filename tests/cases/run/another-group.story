policy seats
  for accounts in app Salesforce
  when inactive > 90d except in group Execs
  then notify owner, wait 1d, disable account
---
activate seats
# Another source makes a group of that name, while the one that was meant is gone: its members
# are excepted no more, and nothing is done before somebody has said that this is meant.
sql UPDATE grp SET gone = 1 WHERE name = 'Execs';
sql INSERT INTO grp(name, name_key, source_id) SELECT 'Execs', 'execs', id FROM source WHERE name = 'google';
advance 2d
# The same group again, and all goes on.
sql UPDATE grp SET gone = iif(source_id = (SELECT id FROM source WHERE name = 'google'), 1, 0) WHERE name = 'Execs';
advance 1d
sql UPDATE grp SET gone = 1 - gone WHERE name = 'Execs';
advance 1d
activate seats
advance 1d

policy line
  for accounts in app Salesforce
  every 12h
  when inactive > 90d
  then notify owner, wait 3d, disable account
---
# The names of a pilot stay what they were when it was put to work.
activate line only in group Execs
sql UPDATE grp SET gone = 1 WHERE name = 'Execs';
sql INSERT INTO grp(name, name_key, source_id) SELECT 'Execs', 'execs', id FROM source WHERE name = 'google';
advance 1d
# Another pilot is another matter; the run of the first one still waits.
activate line only department = "Sales"
advance 4d

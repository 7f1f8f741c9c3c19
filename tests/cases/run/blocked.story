policy engineers
  for accounts in app GitHub
  when in group Engineering
  then notify owner, wait 2d, disable account
---
activate engineers
# The group is gone: the policy is blocked, and never read as "not a member".
sql UPDATE grp SET gone = 1 WHERE name = 'Engineering';
advance 3d
sql UPDATE grp SET gone = 0 WHERE name = 'Engineering';
advance 1h

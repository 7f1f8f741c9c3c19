policy second-phase
  for users
  every day at 12:00
  when lifecycle = terminated and since lifecycle.changed_at >= 90d
  then set lifecycle deleted
---
# rows: S25 S10
# Ninety days after she left her lifecycle goes on by itself, and her identity state with it.
sql UPDATE identity SET lifecycle_changed_at = unixepoch('2026-11-20T12:00:00Z') WHERE email = 'lea@acme.example';
store user lea
activate second-phase
advance 89d
store user lea
advance 1d
store user lea

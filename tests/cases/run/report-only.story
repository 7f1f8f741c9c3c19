policy dormant
  for users
  every day at 12:00
  when inactive > 60d or user.status = disabled
  report to (manager, admin)

policy everyone
  for users
  every day at 12:00
  when user.status = disabled
  report to admin including disabled
---
# rows: M53
# Nothing is opened. Each evaluation lists whoever matches: the admin reads of all, a manager of
# theirs alone. Who is disabled is left out, unless the policy says otherwise.
sql UPDATE identity SET identity_state = 0 WHERE email = 'ned@acme.example';
activate dormant
sent
activate everyone
sent
advance 1d
sent
# Nobody matches any more: there is no news.
sql UPDATE identity SET status = 'active'; UPDATE account SET last_seen = 1795200000, last_login = 1795200000;
advance 1d
sent

# Who is past an edge is not found again by what a step changed; the next edge finds who is left.
policy expiring
  for accounts in app Salesforce
  every day at 12:00
  when until account.expires_at reaches (7d, 3d) and account.status != suspended
  then disable account, wait 1d, unassign from app
policy warned
  for accounts in app Salesforce
  every day at 12:00
  when until account.expires_at reaches (8d, 6d) and not in group Leadership
  then revoke permission ("Sales Cloud", "Service Cloud")
policy passwords
  for users
  every day at 12:00
  when until user.password_expires_at reaches (3d, 1d, 0d)
  then require password change, notify owner "A new password, please."
---
sql UPDATE account SET expires_at = 1795176000 + 86400 * 8 WHERE username IN ('zoe', 'olga');
sql UPDATE account SET status = 'suspended' WHERE username = 'olga';
activate expiring
activate warned
activate passwords
advance 2d
# Olga's account is active again before its next edge, and not any more in the midst of the run:
# the edge stays true for the run, but all else that it asks must hold.
sql UPDATE account SET status = 'active' WHERE username = 'olga';
advance 3d
sql UPDATE account SET status = 'suspended' WHERE username = 'olga';
advance 5d
store account salesforce/olga
store account salesforce/zoe

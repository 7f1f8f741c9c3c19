policy both
  for accounts in app Salesforce
  activity from salesforce
  when inactive >= 90d
  then notify admin "{{ account.username }}"
policy imported
  for accounts in app GitHub
  when inactive > 90d
  then notify admin "{{ account.username }}"
---
# rows: L15 L19 L21 L22 L23
# Zoe logged in 90 days ago and did something 45 days ago, Yan the other way round: the later
# counts. Olga's is 90 days ago, and nothing else is on record.
sql DELETE FROM activity WHERE account_id IN (SELECT id FROM account WHERE username IN ('zoe', 'yan', 'olga', 'ceo', 'pat', 'ned'));
sql INSERT INTO activity(account_id, source_id, last_login_at, last_activity_at) SELECT a.id, s.id, unixepoch('2026-11-20T12:00:00Z') - 86400 * 90, unixepoch('2026-11-20T12:00:00Z') - 86400 * 45 FROM account a, source s WHERE a.username = 'zoe' AND s.name = 'salesforce';
sql INSERT INTO activity(account_id, source_id, last_login_at, last_activity_at) SELECT a.id, s.id, unixepoch('2026-11-20T12:00:00Z') - 86400 * 45, unixepoch('2026-11-20T12:00:00Z') - 86400 * 90 FROM account a, source s WHERE a.username = 'yan' AND s.name = 'salesforce';
sql INSERT INTO activity(account_id, source_id, last_login_at, last_activity_at) SELECT a.id, s.id, unixepoch('2026-11-20T12:00:00Z') - 86400 * 90, NULL FROM account a, source s WHERE a.username = 'olga' AND s.name = 'salesforce';
activate both
# As imported: what the app itself knows of lroux goes before the newer login by Okta; dlevi has an
# old login and a newer activity.
store activity github
activate imported

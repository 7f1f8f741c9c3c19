webhook revoke
  url "https://hooks.acme.example/revoke"

policy clouds
  for grants in app Salesforce
  when permission in ("Sales Cloud", service_cloud) and inactive > 90d
       and since granted_at > 365d
  except in group Execs
  then ask owner, run webhook revoke,
       notify owner "{{ permission.label }} ({{ permission.type }}) of {{ account.username }} is gone; it was yours since {{ grant.granted_at | date }}."
---
# One permission is asked about and taken, with its own comment, and not the others of the account.
sql INSERT INTO access_grant(permission_id, account_id, granted_at, requested_by, request_comment) SELECT p.id, a.id, 1650000000, 'olga@acme.example', 'for the fair' FROM permission p, account a WHERE p.value = 'service_cloud' AND a.username = 'zoe';
activate clouds
sent
decide 1 keep by zoe@acme.example
# While she is asked about the other, somebody takes it: there is nothing left to do.
advance 1d
sql DELETE FROM access_grant WHERE permission_id = (SELECT id FROM permission WHERE value = 'sales_cloud') AND account_id = (SELECT id FROM account WHERE username = 'olga');
advance 8d
sent

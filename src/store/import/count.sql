-- Counts from scratch what the triggers count from then on.
UPDATE app SET accounts = counted.number
FROM (SELECT app_id, count(*) AS number FROM account WHERE gone = 0 GROUP BY app_id) AS counted
WHERE counted.app_id = id;
UPDATE grp SET members = counted.number
FROM (SELECT group_id, count(*) AS number FROM membership GROUP BY group_id) AS counted
WHERE counted.group_id = id;
UPDATE role SET members = counted.number
FROM (SELECT role_id, count(*) AS number FROM role_member GROUP BY role_id) AS counted
WHERE counted.role_id = id;
UPDATE permission SET holders = counted.number
FROM (SELECT permission_id, count(*) AS number FROM access_grant GROUP BY permission_id) AS counted
WHERE counted.permission_id = id;

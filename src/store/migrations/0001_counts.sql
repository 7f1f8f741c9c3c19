-- How many there are of each, kept as they come and go: counting millions takes too long for
-- a list of names.
CREATE TRIGGER account_made AFTER INSERT ON account WHEN new.gone = 0 BEGIN
  UPDATE app SET accounts = accounts + 1 WHERE id = new.app_id;
END;
CREATE TRIGGER account_gone AFTER UPDATE OF gone ON account WHEN new.gone <> old.gone BEGIN
  UPDATE app SET accounts = accounts + iif(new.gone, -1, 1) WHERE id = new.app_id;
END;
CREATE TRIGGER account_deleted AFTER DELETE ON account WHEN old.gone = 0 BEGIN
  UPDATE app SET accounts = accounts - 1 WHERE id = old.app_id;
END;
CREATE TRIGGER membership_made AFTER INSERT ON membership BEGIN
  UPDATE grp SET members = members + 1 WHERE id = new.group_id;
END;
CREATE TRIGGER membership_deleted AFTER DELETE ON membership BEGIN
  UPDATE grp SET members = members - 1 WHERE id = old.group_id;
END;
CREATE TRIGGER role_member_made AFTER INSERT ON role_member BEGIN
  UPDATE role SET members = members + 1 WHERE id = new.role_id;
END;
CREATE TRIGGER role_member_deleted AFTER DELETE ON role_member BEGIN
  UPDATE role SET members = members - 1 WHERE id = old.role_id;
END;
CREATE TRIGGER grant_made AFTER INSERT ON access_grant BEGIN
  UPDATE permission SET holders = holders + 1 WHERE id = new.permission_id;
END;
CREATE TRIGGER grant_deleted AFTER DELETE ON access_grant BEGIN
  UPDATE permission SET holders = holders - 1 WHERE id = old.permission_id;
END;

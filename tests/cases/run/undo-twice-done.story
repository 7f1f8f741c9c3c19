policy leave
  for users
  when email = "zoe@acme.example"
  then set lifecycle leave, add to group Contractors
---
# What a run did again, since newer data did not show it, is undone once.
activate leave
advance 1h
sql UPDATE run SET body = json_set(body, '$.changed', json_array(json_extract(body, '$.changed[0]'), json_set(json_extract(body, '$.changed[0]'), '$.changed_at', '2020-01-01T00:00:00Z'), json_extract(body, '$.changed[1]')));
undo 1
undo 1

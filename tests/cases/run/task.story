webhook revoke
  url "https://hooks.acme.example/revoke"

policy seats
  for accounts in app Salesforce
  when inactive > 90d and user.email in ("zoe@acme.example", "olga@acme.example")
  then task manager "Move the files of {{ account.username }}." for 3d,
       task group Contractors "Tell the others." or skip,
       run webhook revoke
  if failed task admin "Take {{ account.username }} away by hand."
---
# rows: O07
# The run waits until somebody says that it is done.
activate seats
sent
done 1 by zoe@acme.example
decide 1 remove by olga@acme.example
done 1 by olga@acme.example with "all moved"
advance 1h
sent
# Where it takes too long the admin hears of it, once, and the run goes on waiting.
advance 10d
sent
# The admin may say it too.
webhook refused
done 2 by it@acme.example
# A step failed, and what follows is a task; once it is done the run waits for a person.
advance 1h
sent
done 2 by it@acme.example
done 2 by it@acme.example
webhook works
retry 2
advance 1h
done 2 by it@acme.example

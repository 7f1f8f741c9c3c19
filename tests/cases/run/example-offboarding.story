use examples/offboarding.tenure
---
# rows: O05 O07 O08 O09 O10 O11 O12 O13 O14 O16 O17 O18 O19
# One event ends the sessions in each app, as each app has it, and then the accounts; it gives the
# manager a task, moves the files, and switches the user off at last.
sql INSERT INTO session(account_id, name) SELECT id, 'phone' FROM account WHERE username = 'lea@acme.example';
activate close-apps by schedule
activate offboard by schedule
webhook fails at directory.acme.example
event user suspended, lea@acme.example
store user lea
store account office365
store account google
sent
# One app could not be reached: what was done in the other stands, and the admin hears of it.
webhook refused at directory.acme.example
advance 1d
sent
store account office365
store account google
webhook works at directory.acme.example
retry 2
advance 1h
store account google
store session
done 3 by dev.lead@acme.example with "all there"
advance 30d
store user lea
sent
# Who comes back stays.
event user suspended, zoe@acme.example
event attribute changed, zoe@acme.example, attribute status, new "active"
advance 31d
store user zoe

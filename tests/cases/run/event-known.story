policy movers
  for users
  on department changed
  then notify admin "{{ user.email }} is in {{ user.department }}."

policy out
  for users
  on group left Execs
  then notify admin "{{ user.email }} left."

policy new
  for users
  on user created
  then notify admin "{{ user.email }} is new."
---
# rows: M02
# What imports and events told already is not told again, and what is older changes nothing.
activate movers by schedule
activate out by schedule
activate new by schedule
advance 1d
company identities.csv: Quist,active,Sales -> Quist,active,Legal
# The same change, told by the other system too.
event attribute changed, zoe@acme.example, attribute department, old "Sales", new "Legal"
# An older one that the import knew better.
event attribute changed, zoe@acme.example, attribute department, old "Sales", new "Ops", at -3h
# A newer one is news, and its echo is none.
advance 1h
event attribute changed, zoe@acme.example, attribute department, new "Ops"
event attribute changed, zoe@acme.example, attribute department, new "ops"
# What came with the first import nobody has heard of.
event attribute changed, max@acme.example, attribute department, old "Sales", new "Engineering", at -9d
# A membership is as of its source.
event group left, ceo@acme.example, group Execs, at -400d
event group left, ceo@acme.example, group Execs
event group left, ceo@acme.example, group Execs
event user created, new@acme.example
event user created, new@acme.example
# An address is what an import takes for one.
event user created, a b@acme.example
event user created, a@
event user created, >@<
event attribute changed, zoe@acme.example, attribute manager, new "x@y>"
store event

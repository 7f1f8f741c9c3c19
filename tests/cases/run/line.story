webhook revoke
  url "https://hooks.acme.example/revoke"

policy line
  when inactive > 90d and not in group Execs
  then notify owner, escalate after 7d, run webhook revoke
---
# rows: L02 L15 L21 L22 L23 L28 L34 L39 L40 W03 W22 W27 S17
activate line
sent
# One decision is enough; the owner's counts, and nobody is told of it.
advance 3d
decide 2 keep by olga@acme.example with "I need it at quarter end"
decide 2 remove by ceo@acme.example
# Who was not asked cannot decide.
decide 3 keep by max@acme.example
advance 5d
# The manager was asked too; the owner may still decide.
decide 3 remove by zoe@acme.example
advance 1h
sent
advance 60d

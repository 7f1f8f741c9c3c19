use examples/inactivity.tenure
---
# rows: L01 L03 L16 L18 L25 L27 L28 L29 L30 L36 L37 L38 L39 L40 L41 L43 L45 L46 L47 L52 L55 L58 L59 L60 W03 W22
# Zoe does not answer, nor does anybody else; Olga keeps hers. The reviewers are asked in between,
# and nobody hears of the owner's decision. Whoever is excepted, or has no sign of life, is asked
# nothing.
activate idle-seats
sent
advance 3d
decide 2 keep by olga@acme.example with "the quarter ends"
advance 4d
sent
advance 7d
sent
store membership Salesforce Users
store membership Everyone
# The answer comes too late, and says so.
decide 1 keep by zoe@acme.example
# Elsewhere silence keeps.
activate idle-code
advance 8d
# What silence kept is kept, and the answer comes too late.
decide 4 remove by dev.lead@acme.example
store account github/dlevi
# The exception ends with the membership. The owner still decides, after the reviewers were asked.
sql DELETE FROM membership WHERE identity_id = (SELECT id FROM identity WHERE email = 'ceo@acme.example');
advance 8d
decide 6 remove by ceo@acme.example
sent

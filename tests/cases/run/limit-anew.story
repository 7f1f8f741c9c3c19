policy offboard
  for users
  on department changed to "Legal"
  restart on title changed
  limit 1
  then suspend user, wait 60d, notify admin
---
# A run that begins anew takes anew, and that counts when it does, whatever it took before.
activate offboard by schedule
event attribute changed, zoe@acme.example, attribute department, new "Legal"
advance 2d
event attribute changed, yan@acme.example, attribute department, new "Legal"
event attribute changed, zoe@acme.example, attribute title, new "Counsel"
advance 1d

policy passwords
  for users
  every day at 12:00
  when until password_expires_at reaches (30d, 10d, 9d, 8d, 0d) and user.status = active
  then notify owner "Your password expires on {{ user.password_expires_at | date }}."
---
# rows: M56 M57
# Zoe's expires today, at midnight. Of Ida's (in ten days, less twelve hours) the crossing of ten
# days is within the period before the first evaluation, and not found again.
activate passwords
advance 1d
# A day later it is 9 days less twelve hours, then 8: each is told of, day after day.
advance 1d
sent
# Nothing runs for a while; what was missed is caught up once: of several the nearest counts.
clock 15d
advance 1h
# The clock goes back, and forth: nothing is told twice.
clock -6d
advance 2d
clock 4d
advance 2d

webhook bad
  url "https://hooks.acme.example/bad"

policy seats
  for accounts in app GitHub
  every day at 12:00
  when inactive > 90d
  report to admin
  then all of (run webhook bad, end sessions)
  if failed notify admin "why={{ run.why }} msg={{ webhook.msg }} state={{ run.state }}"
---
# What is told behind `if failed` can say why it failed, and what the receiver said of it. The
# report counts one run that failed, not what its trail says of that.
webhook reports
activate seats
sent
# Once more in vain, it is still one.
retry 1
advance 1d
sent

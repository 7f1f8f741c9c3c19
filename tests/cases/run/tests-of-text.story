attribute shift text
policy t01 for users when username = "zoe" then notify admin
policy t02 for users when email != "zoe@acme.example" and family_name = "quist" then notify admin
policy t03 for users when title contains "account" and given_name starts with "z" then notify admin
policy t04 for users when title not contains "e" then notify admin
policy t05 for users when family_name ends with "QUIST" then notify admin
policy t06 for users when email not starts with "zoe" and not email ends with "@acme.example" then notify admin
policy t07 for users when user.status = suspended or given_name = "Zoe" then notify admin
policy t08 for users when (department = "Sales" and title starts with "Head") or cost_center = "400" then notify admin
policy t09 for users when family_name not ends with "n" and department = "Legal" then notify admin
---
# rows: M11 M12 M13 M31 M32
activate t01
activate t02
activate t03
activate t04
activate t05
activate t06
activate t07
activate t08
activate t09

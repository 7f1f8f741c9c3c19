//! `tenure.toml`: what is read, and what is said of mistakes.

use chrono::Weekday;
use std::fs;
use std::path::{Path, PathBuf};
use tenure::actions::{Login, Security};
use tenure::engine::{Channel, Channels, Chat, Occasion};
use tenure::ir::{Limit, SecretRef};
use tenure::session::config::{Authority, Config};
use tenure::time::Duration;
use tenure::time::calendar::Calendar;

const FULL: &str = r#"
zone = "Europe/Oslo"
admin = "admin@acme.example"
edition = 1
snooze = "1w2d12h"

[store]
path = "data/acme.db"
authority = "store"

[policies]
paths = ["policies", "/etc/tenure/house.tenure"]

[smtp]
host = "mail.acme.example"
port = 2525
security = "starttls"
user = "tenure"
password = "file:secrets/smtp"
from = "Tenure <tenure@acme.example>"

[hosts]
allow = ["127.0.0.1:8080", "ERP.internal:443", "[::1]:9000"]

[limits]
store = "7.5%"

[calendar]
weekend = ["Sunday", "friday", "friday"]
holidays = ["2026-12-25", "2026-05-17"]
zone = "Asia/Riyadh"
"#;

#[test]
fn a_full_file() {
    let config = Config::parse(FULL, Path::new("/srv/acme")).unwrap();
    assert_eq!(config.zone, chrono_tz::Europe::Oslo);
    assert_eq!(config.admin.as_deref(), Some("admin@acme.example"));
    assert_eq!(config.edition, 1);
    assert_eq!(config.snooze, Some(Duration(9 * 86_400 + 12 * 3_600)));
    assert_eq!(config.store, Path::new("/srv/acme/data/acme.db"));
    assert_eq!(config.authority, Authority::Store);
    let policies = ["/srv/acme/policies", "/etc/tenure/house.tenure"].map(PathBuf::from);
    assert_eq!(config.policies, policies);
    assert_eq!(config.limit, Some(Limit::Percent(7.5)));
    let days = ["2026-05-17", "2026-12-25"].map(|day| day.parse().unwrap());
    let calendar = Calendar {
        zone: chrono_tz::Asia::Riyadh,
        weekend: vec![Weekday::Fri, Weekday::Sun],
        holidays: days.into_iter().collect(),
    };
    assert_eq!(config.calendar, calendar);
    assert_eq!(config.network.folder, Path::new("/srv/acme"));
    let hosts: Vec<_> = config.network.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["127.0.0.1:8080", "[::1]:9000", "erp.internal:443"]);
    let smtp = config.network.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port), ("mail.acme.example", 2525));
    assert_eq!(smtp.security, Security::StartTls);
    let password = SecretRef::File("secrets/smtp".to_owned());
    assert_eq!(smtp.login, Some(Login { user: "tenure".to_owned(), password }));
    assert_eq!(Ok(smtp.from), "Tenure <tenure@acme.example>".parse());
}

#[test]
fn an_empty_file_is_the_default() {
    let config = Config::parse("# nothing\n", Path::new("")).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.zone, chrono_tz::UTC);
    assert_eq!(config.store, Path::new("tenure.db"));
}

#[test]
fn smaller_forms() {
    let limit = |text: &str| Config::parse(text, Path::new("")).unwrap().limit;
    assert_eq!(limit("limits.store = 50"), Some(Limit::Count(50)));
    assert_eq!(limit("[limits]\nstore = \"0.1%\""), Some(Limit::Percent(0.1)));
    assert_eq!(limit("[limits]"), None);
    // Days begin where the schedules are, unless the calendar says otherwise.
    let text = "zone = \"Asia/Tokyo\"\n[calendar]\nweekend = []\n";
    let calendar = Config::parse(text, Path::new("")).unwrap().calendar;
    assert_eq!((calendar.zone, calendar.weekend), (chrono_tz::Asia::Tokyo, vec![]));
    let calendar = Config::parse("zone = \"Asia/Tokyo\"", Path::new(""))
        .unwrap()
        .calendar;
    assert_eq!(calendar.zone, chrono_tz::Asia::Tokyo);
    assert_eq!(calendar.weekend, [Weekday::Sat, Weekday::Sun]);
    let port = |security: &str| {
        let text = format!("smtp = {{ host = \"h\", from = \"a@b.example\"{security} }}");
        let smtp = Config::parse(&text, Path::new("")).unwrap().network.smtp.unwrap();
        (smtp.port, smtp.security)
    };
    assert_eq!(port(""), (587, Security::StartTls));
    assert_eq!(port(", security = \"tls\""), (465, Security::Tls));
    assert_eq!(port(", security = \"none\", insecure = true"), (25, Security::None));
}

#[test]
fn channels() {
    let text = r#"
[smtp]
host = "LOCALHOST"
security = "none"
from = "a@b.example"

[notify]
default = "mail"
escalation = "sales"
run-failed = "ops team"

[notify.people]
"Olga@acme.example" = "ops team"

[notify.chat]
"ops team" = "env:OPS_CHAT"
sales = "file:secrets/sales"
"#;
    let Channels { default, occasions, people } =
        Config::parse(text, Path::new("")).unwrap().channels;
    let chat = |name: &str, url| Channel::Chat(Chat { name: name.to_owned(), url });
    let ops = chat("ops team", SecretRef::Env("OPS_CHAT".to_owned()));
    let sales = chat("sales", SecretRef::File("secrets/sales".to_owned()));
    assert_eq!(default, Channel::Mail);
    assert_eq!(
        occasions,
        [(Occasion::Escalation, sales.clone()), (Occasion::Trouble, ops.clone())].into()
    );
    assert_eq!(people, [("olga@acme.example".to_owned(), ops.clone())].into());

    // A person goes before the kind, the kind before what else holds.
    let channels = Channels { default, occasions, people };
    assert_eq!(channels.of(Occasion::Escalation, "OLGA@acme.example"), &ops);
    assert_eq!(channels.of(Occasion::Escalation, "zoe@acme.example"), &sales);
    assert_eq!(channels.of(Occasion::Notice, "zoe@acme.example"), &Channel::Mail);
}

/// A file, and all that is said of it.
const WRONG: &[(&str, &str)] = &[
    ("zoen = \"UTC\"", "t:1:1: unknown key `zoen`\n  help: is `zone` meant?"),
    ("[stoer]\npath = \"x\"\n", "t:1:2: unknown key `stoer`\n  help: is `store` meant?"),
    (
        "[store]\n  pth = \"x\"\n",
        "t:2:3: unknown key `pth` in `[store]`\n  help: is `path` meant?",
    ),
    (
        "[hosts]\nzzz = 1",
        "t:2:1: unknown key `zzz` in `[hosts]`\n  help: known are `allow`",
    ),
    (
        "zone = \"Europe/Olso\"",
        "t:1:8: `Europe/Olso` is not a time zone\n  help: is `Europe/Oslo` meant?",
    ),
    (
        "zone = \"local time\"",
        "t:1:8: `local time` is not a time zone\n  help: write an IANA name such as \
         `Europe/Oslo`",
    ),
    ("zone = 3", "t:1:8: `zone` is a text in quotes, not a number"),
    ("admin = \"Ana\"", "t:1:9: `Ana` is not an e-mail address"),
    (
        "admin = \"Ana <a@b.example>\"",
        "t:1:9: `Ana <a@b.example>` is not an e-mail address",
    ),
    (
        "[calendar]\nweekend = [\"sunay\"]\nholidays = [\"25.12.2026\"]",
        "t:2:12: `sunay` is not a day of the week\n  help: is `sunday` meant?\n\
         t:3:13: `25.12.2026` is not a date\n  help: write it as `2026-12-25`",
    ),
    (
        "[calendar]\nweekend = [\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \
         \"friday\", \"saturday\", \"sunday\"]",
        "t:2:11: nobody works on any day of the week\n  help: leave a day out on which people \
         work",
    ),
    ("edition = 2", "t:1:11: there is no edition 2\n  help: write 1"),
    ("edition = \"1\"", "t:1:11: `edition` is a whole number, not a text"),
    (
        "edition = 1.0",
        "t:1:11: `edition` is a whole number, not a number with a fraction",
    ),
    (
        "snooze = \"90\"",
        "t:1:10: `snooze` is not a length of time: `90`\n  help: write a number with `w`, \
         `d`, `h`, `min` or `s`: `90d`, `1d12h`",
    ),
    (
        "snooze = \"3m\"",
        "t:1:10: `snooze` is not a length of time: `3m`\n  help: write a number with `w`, \
         `d`, `h`, `min` or `s`: `90d`, `1d12h`",
    ),
    (
        "snooze = \"99999999999999999999w\"",
        "t:1:10: `snooze` is not a length of time: `99999999999999999999w`\n  help: write a \
         number with `w`, `d`, `h`, `min` or `s`: `90d`, `1d12h`",
    ),
    ("[store]\npath = \" \"", "t:2:8: `path` is empty"),
    (
        "[store]\nauthority = \"okta\"",
        "t:2:13: `okta` is no authority\n  help: write `store`, or leave the key out",
    ),
    (
        "store = \"tenure.db\"",
        "t:1:9: `store` is not a section\n  help: write `[store]` on a line of its own",
    ),
    (
        "[policies]\npaths = \"policies\"",
        "t:2:9: `paths` is a list of texts, `[\"…\"]`, not a text",
    ),
    (
        "[policies]\npaths = [\"a\", 7]",
        "t:2:15: `paths` is a list of texts, not a number",
    ),
    (
        "[smtp]\nhost = \"mail.acme.example\"\nfrom = \"a@b.example\"\nsecurity = \"none\"",
        "t:4:12: messages would travel in the clear\n  help: set `security` to `starttls` or \
         `tls`; where all on the way may read them, add `insecure = true`",
    ),
    (
        "[smtp]\nhost = \"h\"\nfrom = \"a@b.example\"\ninsecure = \"yes\"",
        "t:4:12: `insecure` is true or false, not a text",
    ),
    (
        "[notify]\nrevew-request = \"ops\"\nescalation = 3\n",
        "t:2:1: unknown key `revew-request` in `[notify]`\n  help: is `review-request` \
         meant?\nt:3:14: `escalation` is a text in quotes, not a number",
    ),
    (
        "[notify]\ndefault = \"ops\"\nnotice = \"slaes\"\n[notify.chat]\nsales = \"env:S\"",
        "t:2:11: there is no channel `ops`\n  help: known are `sales`, `mail`; a chat is \
         declared under `[notify.chat]`: `ops = \"env:NAME\"`\nt:3:10: there is no channel \
         `slaes`\n  help: is `sales` meant?",
    ),
    (
        "[notify]\ndefault = \"mail\"",
        "t:2:11: there is no mail server\n  help: name one under `[smtp]`, or write the name \
         of a chat",
    ),
    (
        "[notify.chat]\nops = \"https://hooks.example/T0/hunter2\"\nmail = \"env:M\"",
        "t:2:1: `ops` holds a secret itself\n  help: write `env:NAME` or `file:PATH`, and the \
         secret there\nt:3:1: `mail` is there already, and is no chat\n  help: give the chat \
         another name",
    ),
    (
        "[notify.people]\nolga = \"ops\"\n[notify.chat]\nops = \"env:O\"",
        "t:2:1: `olga` is not an e-mail address",
    ),
    (
        "[smtp]\nport = 25",
        "t:1:1: `[smtp]` lacks `host`\n  help: write the name of the mail server\n\
         t:1:1: `[smtp]` lacks `from`\n  help: write whom messages are from: \
         `from = \"tenure@acme.example\"`",
    ),
    (
        "[smtp]\nhost = \"h\"\nfrom = \"Acme, Inc <t@acme.example>\"",
        "t:3:8: `Acme, Inc <t@acme.example>` is not an e-mail address; a name with a comma, or \
         another sign that means something in addresses, stands in quotes: \
         `'\"Acme, Inc\" <t@acme.example>'`",
    ),
    (
        "[smtp]\nhost = \"h\"\nfrom = \"Acme, Inc <t@acme>, b@acme.example>\"",
        "t:3:8: `Acme, Inc <t@acme>, b@acme.example>` is not an e-mail address",
    ),
    (
        "[smtp]\nhost = \"h\"\nfrom = \"nobody\"\nport = 70000\nsecurity = \"ssl\"",
        "t:3:8: `nobody` is not an e-mail address\n\
         t:4:8: `70000` is not a port\n  help: 1 to 65535\n\
         t:5:12: `ssl` is no way to protect a connection\n  help: known are `none`, \
         `starttls`, `tls`",
    ),
    (
        "[smtp]\nhost = \"h\"\nfrom = \"a@b.example\"\nuser = \"u\"\npassword = \"hunter2\"",
        "t:5:12: `password` holds a secret itself\n  help: write `env:NAME` or \
         `file:PATH`, and the secret there",
    ),
    (
        "[smtp]\nhost = \"h\"\nfrom = \"a@b.example\"\nuser = \"u\"\npassword = \"env:\"",
        "t:5:12: `password` names no variable and no file\n  help: write `env:NAME` or \
         `file:PATH`, and the secret there",
    ),
    (
        "[smtp]\nhost = \"h\"\nfrom = \"a@b.example\"\nuser = \"u\"",
        "t:1:1: `[smtp]` lacks `password`\n  help: a `user` needs one: `env:NAME` or \
         `file:PATH`",
    ),
    (
        "[smtp]\nhost = \"h\"\nfrom = \"a@b.example\"\nuser = \"u\"\npassword = \"env:P\"\n\
         security = \"none\"",
        "t:5:12: the password would travel in the clear\n  help: set `security` to \
         `starttls` or `tls`",
    ),
    (
        "[hosts]\nallow = [\"localhost\", \"http://erp:80\"]",
        "t:2:10: `localhost` is not `HOST:PORT`\n  help: write a name or an address with \
         its port: `erp.internal:443`\n\
         t:2:23: `http://erp:80` is not `HOST:PORT`\n  help: write a name or an address \
         with its port: `erp.internal:443`",
    ),
    (
        "[limits]\nstore = \"many\"",
        "t:2:9: `many` is no limit\n  help: write a number of runs, `50`, or a share of the \
         subjects, `\"5%\"`",
    ),
    ("[limits]\nstore = -1", "t:2:9: `store` is below zero"),
    (
        "[limits]\nstore = 0",
        "t:2:9: `0` is no limit: all that is found would be held\n  help: write how many runs \
         may be opened in 24 hours, `50` or `\"5%\"`; to stop everything at once there is \
         `tenure pause`",
    ),
    (
        "[limits]\nstore = \"0.0 %\"",
        "t:2:9: `0.0 %` is no limit: all that is found would be held\n  help: write how many \
         runs may be opened in 24 hours, `50` or `\"5%\"`; to stop everything at once there is \
         `tenure pause`",
    ),
    (
        "peple = 1",
        "t:1:1: unknown key `peple`\n  help: known are `store`, `policies`, `smtp`, `zone`, \
         `server`, `admin`, `edition`, `snooze`, `limits`, `notify`, `connectors`, `freshness`, \
         `protected`, `calendar`, `hosts`",
    ),
    (
        "[protected]\nusers = [\"root\"]\naccounts = [\"root\"]\ngroups = [\"\"]\nroles = []",
        "t:2:10: `root` is not an e-mail address\n\
         t:3:13: `root` is not an account\n  help: write the app and the name in it: \
         `aws/root`\n\
         t:4:11: `groups` is empty\n\
         t:5:1: unknown key `roles` in `[protected]`\n  help: known are \
         `users`, `accounts`, `groups`",
    ),
    (
        "[freshness]\nokta = \"soon\"\nhr = \"0s\"\nsalesforce = 2",
        "t:2:1: `okta` is not a length of time: `soon`\n  help: write a number with `w`, `d`, \
         `h`, `min` or `s`: `90d`, `1d12h`\n\
         t:3:1: `hr` is not a length of time: `0s`\n  help: write a number with `w`, `d`, \
         `h`, `min` or `s`: `90d`, `1d12h`\n\
         t:4:1: `salesforce` is a text in quotes, not a number",
    ),
    (
        "[people]\n[approval]",
        "t:1:1: `[people]` is not yet supported\n  help: take it out; nothing of it would hold\n\
         t:2:1: `[approval]` is not yet supported\n  help: take it out; nothing of it would hold",
    ),
    (
        "[server]\nlisten = \"7080\"\nurl = \"http://tenure.acme.example\"\nproxy = 1",
        "t:1:1: `[server]` lacks `secret`\n  help: links are signed with it: `env:NAME` or \
         `file:PATH`; `openssl rand -base64 32` makes one\n\
         t:2:10: `7080` is not an address with a port\n  help: write it as `127.0.0.1:7080`\n\
         t:3:7: links would travel in the clear\n  help: write it as \
         `https://tenure.acme.example`\n\
         t:4:9: `proxy` is true or false, not a number",
    ),
    (
        "[server]\nsecret = \"hunter2\"\n[server.tokens]\nportal = \"hunter2\"",
        "t:1:1: `[server]` lacks `url`\n  help: links begin with it: \
         `https://tenure.acme.example`\n\
         t:2:10: `secret` holds a secret itself\n  help: write `env:NAME` or `file:PATH`, \
         and the secret there\n\
         t:4:1: `portal` holds a secret itself\n  help: write `env:NAME` or `file:PATH`, \
         and the secret there",
    ),
    (
        "[connectors.okta]\nurl = \"x\"\ntoken = \"hunter2\"\npath = \"y\"",
        "t:1:1: `[connectors.okta]` lacks `kind`\n  help: write `kind = \"scim\"`\n\
         t:2:7: `x` is no address of a connector\n  help: write it as \
         `https://acme.example/scim/v2`\n\
         t:3:9: `token` holds a secret itself\n  help: write `env:NAME` or `file:PATH`, and \
         the secret there\n\
         t:4:1: unknown key `path` in `[connectors.okta]`\n  help: known are `kind`, `url`, `token`, \
         `users`",
    ),
    (
        "[connectors.a]\nkind = \"scim\"\nurl = \"https://\"\n\
         [connectors.b]\nkind = \"scim\"\nurl = \"https:///scim\"\n\
         [connectors.c]\nkind = \"scim\"\nurl = \"https://c.example:99999\"",
        "t:3:7: `https://` is no address of a connector\n  help: write it as \
         `https://acme.example/scim/v2`\n\
         t:6:7: `https:///scim` is no address of a connector\n  help: write it as \
         `https://acme.example/scim/v2`\n\
         t:9:7: `https://c.example:99999` is no address of a connector\n  help: write it as \
         `https://acme.example/scim/v2`",
    ),
    (
        "[connectors.a]\nkind = \"scim\"\nurl = \"https://a.example\"\nusers = true\n\
         [connectors.b]\nkind = \"scim\"\nurl = \"https://b.example\"\nusers = true",
        "t:8:9: another connector has the word on users already\n  help: leave `users = true` \
         at one of them",
    ),
    (
        "[connectors.\"my sys\"]\nkind = \"scim\"\n[connectors.b]\nurl = \"https://b.example\"",
        "t:1:1: `[connectors.\"my sys\"]` lacks `url`\n  help: write where it is: \
         `url = \"https://acme.example/scim/v2\"`\n\
         t:3:1: `[connectors.b]` lacks `kind`\n  help: write `kind = \"scim\"`",
    ),
];

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenure.toml");
    for (text, expected) in WRONG {
        fs::write(&path, text).unwrap();
        let said = Config::read(&path).unwrap_err().to_string();
        let said = said.replace(path.to_str().unwrap(), "t");
        assert_eq!(&said, expected, "\n{text}");
    }
}

#[test]
fn a_secret_is_never_repeated() {
    for text in [
        "[smtp]\npassword = \"hunter2\"",
        "[smtp]\npassword = \"hunter2",
        "[smtp]\npassword = hunter2",
        "[smtp]\npassword = [\"hunter2\"]",
        "[smtp]\npassword = \"env:X\" hunter2",
    ] {
        let findings = Config::parse(text, Path::new("")).unwrap_err();
        assert!(!format!("{findings:?}").contains("hunter2"), "{findings:?}");
    }
}

#[test]
fn the_nearest_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/c");
    fs::create_dir_all(&deep).unwrap();
    fs::write(folder.path().join("tenure.toml"), "zone = \"UTC\"").unwrap();
    assert_eq!(Config::find(&deep), Some(folder.path().join("tenure.toml")));
    fs::write(folder.path().join("a/tenure.toml"), "zone = \"UTC\"").unwrap();
    let found = Config::find(&deep).unwrap();
    assert_eq!(found, folder.path().join("a/tenure.toml"));
    assert_eq!(Config::read(&found).unwrap().store, folder.path().join("a/tenure.db"));
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::read(&folder.path().join("tenure.toml"))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("can't be read: No such file"), "{missing}");
    let path = folder.path().join("binary.toml");
    fs::write(&path, [0xff, 0xfe, 0]).unwrap();
    let binary = Config::read(&path).unwrap_err().to_string();
    assert!(binary.contains("is no text in UTF-8"), "{binary}");
    // What has the name is not passed over, or what the file protects would not be.
    fs::write(&path, "").unwrap();
    let deep = folder.path().join("deep/tenure.toml");
    fs::create_dir_all(&deep).unwrap();
    let found = Config::find(&folder.path().join("deep")).unwrap();
    let said = Config::read(&found).unwrap_err().to_string();
    assert!(
        said.contains("deep/tenure.toml` is a folder, and no configuration"),
        "{said}"
    );
}

//! Who follows what policies change: warned of, and refused at activation.

use crate::site::{NOON, Site, acme};

const SEATS: &str = "policy seats\n  for accounts in app Salesforce\n  \
    when inactive > 90d and has permission \"Sales Cloud\"\n  except in group Execs\n  \
    then ask owner, remove from group \"Salesforce Users\", disable account, end sessions\n";

const ITEM: &str = "app Salesforce\n  disable account with webhook lock\n  \
    end sessions with webhook lock\n\
    webhook lock\n  url \"https://hooks.acme.example/lock\"\n";

const OKTA: &str =
    "[connectors.okta]\nkind = \"scim\"\nurl = \"https://10.0.0.1/scim\"\n";

const MAIL: &str = "[smtp]\nhost = \"127.0.0.1\"\nsecurity = \"none\"\n\
    from = \"Tenure <tenure@acme.example>\"\n";

/// The lines that name a finding of a code.
fn found(site: &Site, code: &str, options: &[&str]) -> Vec<String> {
    let call = [&["check", "seats.tenure", "--now", NOON], options].concat();
    let said = site.ok(&call);
    let (mut lines, mut next) = (Vec::new(), false);
    for line in said.out.lines() {
        match line.trim() {
            line if line == code => next = true,
            line if next && !line.is_empty() => {
                lines.push(line.to_owned());
                next = false;
            }
            _ => {}
        }
    }
    lines
}

/// rows: O15
#[test]
fn what_nothing_follows_is_warned_of_where_the_configuration_is_known() {
    let site = Site::acme();
    site.write("seats.tenure", SEATS);
    let check = |options: &[&str]| found(&site, "no-connector", options);
    assert!(check(&[]).is_empty(), "other systems follow the store");
    site.write("tenure.toml", "");
    let all = check(&[]);
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all[0].contains("nothing says that `okta`"), "{all:?}");
    assert!(all[1].contains("nothing says that `Salesforce` follows it"), "{all:?}");
    assert!(all[2].contains("`end sessions` changes this store"), "{all:?}");
    assert!(check(&["--data", &acme()]).is_empty(), "it is its own authority");
    site.write("tenure.toml", OKTA);
    assert_eq!(check(&[]).len(), 2, "the group is connected");
    site.write("seats.tenure", &format!("{SEATS}{ITEM}"));
    assert_eq!(check(&[]), Vec::<String>::new(), "the app says how");
    site.write("seats.tenure", SEATS);
    std::fs::remove_file(site.path("tenure.toml")).unwrap();
    assert_eq!(check(&[]), Vec::<String>::new(), "nothing is known");
}

/// rows: O15
#[test]
fn sessions_that_nothing_ends_are_warned_of() {
    let site = Site::acme();
    let check = || found(&site, "sessions-out-of-reach", &[]);
    let users = "policy leavers\n  for users\n  when lifecycle = terminated\n  \
                 then disable user, end sessions\n";
    site.write("seats.tenure", SEATS);
    assert!(check().is_empty(), "nothing is known of the app");
    site.write("seats.tenure", users);
    assert!(check().is_empty(), "nothing is known of any app");
    site.write("seats.tenure", &format!("{users}{ITEM}"));
    let found = check();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("nothing says how sessions in `"), "{found:?}");
    assert!(!found[0].contains("Salesforce"), "{found:?}");
    let without = ITEM.replace("  end sessions with webhook lock\n", "");
    site.write("seats.tenure", &format!("{SEATS}{without}"));
    let found = check();
    assert_eq!(found, ["⚠ nothing says how sessions in `Salesforce` are ended"]);
    // No connector ends sessions.
    site.write("seats.tenure", users);
    let follows = "[store]\nauthority = \"store\"\n";
    let connected = OKTA.replace("okta", "salesforce");
    site.write("tenure.toml", follows);
    assert!(check().is_empty(), "nothing is connected");
    site.write("tenure.toml", &format!("{follows}{connected}"));
    assert_eq!(check(), ["⚠ nothing says how sessions in `Salesforce` are ended"]);
}

#[test]
fn only_what_a_policy_uses_must_be_reachable() {
    let site = Site::acme();
    let told = "policy told\n  for accounts in app Salesforce\n  every day at 12:00\n  \
                when inactive > 90d\n  then notify owner\n";
    let near = ITEM.replace("hooks.acme.example", "10.0.0.2");
    site.write("tenure.toml", &format!("{MAIL}{OKTA}"));
    site.publish("told", &format!("{told}{near}"));
    site.ok(&["activate", "told", "--now", NOON]);
    site.publish("seats", &format!("{SEATS}{near}"));
    let refused = site.no(1, &["activate", "seats", "--now", NOON]);
    assert!(refused.contains("`okta` could not be reached"), "{refused}");
    let hosts = "[hosts]\nallow = [\"10.0.0.1:443\"]\n";
    site.write("tenure.toml", &format!("{MAIL}{OKTA}{hosts}"));
    let refused = site.no(1, &["activate", "seats", "--now", NOON]);
    assert!(refused.contains("webhook `lock` could not be sent"), "{refused}");
}

//! What people are told at the shell of what runs did, and of what they wait for.

use crate::site::{NOON, Site, acme, after};

const GONE: &str = "\
policy gone
  for accounts in app Salesforce
  when account.username = \"zoe\"
  then delete account
";

/// Who took an account is said where it is asked about, and forgotten once it is back.
#[test]
fn what_a_run_took_is_said_to_be_taken_by_it() {
    let site = Site::acme();
    site.publish("gone", GONE);
    site.ok(&["activate", "gone", "--at-once", "--now", NOON]);
    let how = format!("is gone: run 1 took it at {NOON}\n");
    let asked = [
        &["explain", "gone", "salesforce/zoe"][..],
        &["show", "Salesforce/Zoe"],
        &["explain", "gone", "salesforce/zoe", "--now", &after("9d")],
    ];
    for asked in asked {
        let said = site.no(1, asked);
        assert!(said.contains(&how), "{asked:?}: {said}");
    }
    site.ok(&["import", &acme(), "--now", &after("1d")]);
    site.ok(&["show", "salesforce/zoe"]);
    let csv = std::fs::read_to_string(format!("{}/accounts.csv", acme())).unwrap();
    let without: Vec<&str> = csv
        .lines()
        .filter(|line| !line.starts_with("salesforce,zoe,"))
        .collect();
    std::fs::create_dir(site.path("less")).unwrap();
    site.write("less/accounts.csv", &(without.join("\n") + "\n"));
    site.ok(&["import", "less", "--accept-large", "--now", &after("2d")]);
    let said = site.no(1, &["show", "salesforce/zoe"]);
    assert!(said.contains("is gone: the last import did not list it\n"), "{said}");
}

/// Nothing is left in the store of a permission that was taken, but the run.
#[test]
fn a_permission_that_a_run_took_is_said_to_be_taken_by_it() {
    let site = Site::acme();
    let policy = "policy seats\n  for grants in app Salesforce\n  when permission = \"Sales Cloud\" \
                  and account.username = \"zoe\"\n  then remove access\n";
    site.publish("seats", policy);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let name = "salesforce/zoe/Sales Cloud";
    for asked in [&["explain", "seats", name][..], &["show", name]] {
        let said = site.no(1, asked);
        let how = format!("`{name}` is gone: run 1 took it at {NOON}\n");
        assert!(said.contains(&how), "{asked:?}: {said}");
    }
    let said = site.no(1, &["show", "salesforce/zoe/Nothing"]);
    assert!(said.contains("nothing is known as"), "{said}");
}

//! Connectors, against a SCIM server that is not our own code.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail them")]

use crate::peers::{Scim, scim_request as ask};
use crate::site::{NOON, Site};
use serde_json::{Value, json};
use tenure::actions::{Network, Settings};
use tenure::engine::{Delivery, Effect, Hands as _, Outcome, Provision, Provisioning};
use tenure::ir::SecretRef;
use tenure::time::Timestamp;
use tenure::time::clock::Clock;

const NOW: Timestamp = Timestamp(1_790_000_000);

/// Cargo sets it, so that the environment need not be changed.
const TOKEN: (&str, &str) = ("CARGO_PKG_NAME", env!("CARGO_PKG_NAME"));

fn provision(server: &Scim, what: Provisioning, username: &str) -> Provision {
    Provision {
        connector: "okta".to_owned(),
        url: server.url("/v2"),
        token: Some(SecretRef::Env(TOKEN.0.to_owned())),
        what,
        username: username.to_owned(),
        email: None,
    }
}

fn send_all(server: &Scim, provisions: Vec<Provision>) -> Vec<Outcome> {
    let hosts = [server.address().parse().unwrap()].into();
    let settings = Settings { hosts, ..Settings::default() };
    let effects: Vec<Effect> = provisions.into_iter().map(Effect::Connector).collect();
    let batch: Vec<_> = effects
        .iter()
        .map(|effect| Delivery { key: "run-7_2", effect, attempts: 0 })
        .collect();
    Network::new(settings, Clock::Fixed(NOW)).deliver(&batch, NOW)
}

fn send(server: &Scim, provision: Provision) -> Outcome {
    send_all(server, vec![provision]).remove(0)
}

fn done() -> Outcome {
    Outcome::Delivered { message: None }
}

fn already(why: &str) -> Outcome {
    Outcome::AlreadySo { why: why.to_owned() }
}

fn refused(why: &str) -> Outcome {
    Outcome::Refused { why: why.to_owned() }
}

fn user(server: &Scim, name: &str) -> String {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name, "active": true, "externalId": format!("ext-{name}"),
        "emails": [{ "value": format!("{name}@acme.example"), "primary": true }],
    });
    let made = ask(server, "POST", "/v2/Users", Some(&body));
    made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

fn group(server: &Scim, name: &str, members: &[&str]) -> String {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name, "members": members,
    });
    let made = ask(server, "POST", "/v2/Groups", Some(&body));
    made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

fn members(server: &Scim, group: &str) -> Vec<String> {
    let group = ask(server, "GET", &format!("/v2/Groups/{group}"), None);
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let id = |member: &Value| member["value"].as_str().unwrap().to_owned();
    members.iter().map(id).collect()
}

fn leave(group: &str) -> Provisioning {
    Provisioning::Leave { group: group.to_owned() }
}

fn join(group: &str) -> Provisioning {
    Provisioning::Join { group: group.to_owned(), make: false }
}

/// rows: M16
#[test]
fn a_declared_group_is_made_with_its_first_member() {
    let server = Scim::start(TOKEN.1);
    let (zoe, yan) = (user(&server, "zoe"), user(&server, "yan"));
    let make = |name| {
        let group = "Night \"Shift\"".to_owned();
        send(&server, provision(&server, Provisioning::Join { group, make: true }, name))
    };
    assert_eq!(make("nobody"), refused("there is no user `nobody`"));
    let message = Some("made the group `Night \"Shift\"`".to_owned());
    assert_eq!(make("zoe"), Outcome::Delivered { message });
    assert_eq!(make("zoe"), already("already a member there"));
    assert_eq!(make("yan"), done());
    let groups = ask(&server, "GET", "/v2/Groups", None);
    let groups = groups["Resources"].as_array().unwrap();
    let [made] = groups.as_slice() else { panic!("{groups:?}") };
    assert_eq!(made["displayName"], "Night \"Shift\"");
    assert_eq!(members(&server, made["id"].as_str().unwrap()), [zoe, yan]);
}

/// rows: L52 L53 L54 L55 L56 L57
#[test]
fn memberships_are_read_and_then_changed() {
    let server = Scim::start(TOKEN.1);
    let (zoe, yan) = (user(&server, "zoe"), user(&server, "yan"));
    let sales = group(&server, "Sales \"North\"", &[&zoe, &yan]);
    let name = "sales \"north\"";
    assert_eq!(send(&server, provision(&server, leave(name), "Zoe")), done());
    assert_eq!(members(&server, &sales), [yan.as_str()]);
    let again = send(&server, provision(&server, leave(name), "zoe"));
    assert_eq!(again, already("not a member there"));
    assert_eq!(send(&server, provision(&server, join(name), "ext-zoe")), done());
    assert_eq!(members(&server, &sales), [yan.as_str(), zoe.as_str()]);
    let again = send(&server, provision(&server, join(name), "zoe"));
    assert_eq!(again, already("already a member there"));
    let by_mail = Provision {
        email: Some("zoe@acme.example".to_owned()),
        ..provision(&server, leave(name), "nobody-by-this-name")
    };
    assert_eq!(send(&server, by_mail), done());
    assert_eq!(members(&server, &sales), [yan.as_str()]);
    // Two of one connector go one after the other, so neither meets the other's version.
    let both = ["zoe", "yan"].map(|name_of| match name_of {
        "zoe" => provision(&server, join(name), name_of),
        _ => provision(&server, leave(name), name_of),
    });
    assert_eq!(send_all(&server, both.into()), [done(), done()]);
    assert_eq!(members(&server, &sales), [zoe.as_str()]);
    let nobody = send(&server, provision(&server, join(name), "nobody"));
    assert_eq!(nobody, refused("there is no user `nobody`"));
    let nowhere = send(&server, provision(&server, join("Nowhere"), "zoe"));
    assert_eq!(nowhere, refused("there is no group `Nowhere`"));
    group(&server, name, &[]);
    let several = send(&server, provision(&server, leave(name), "zoe"));
    assert_eq!(several, refused("several Groups there are called `sales \"north\"`"));
}

/// rows: O17
#[test]
fn accounts_are_disabled_and_deleted_once() {
    let server = Scim::start(TOKEN.1);
    let zoe = user(&server, "zoe");
    let disable = || provision(&server, Provisioning::Deactivate, "zoe");
    assert_eq!(send(&server, disable()), done());
    let found = ask(&server, "GET", &format!("/v2/Users/{zoe}"), None);
    assert_eq!(found["active"], false, "{found}");
    assert_eq!(send(&server, disable()), already("already inactive there"));
    let delete = || provision(&server, Provisioning::Delete, "zoe");
    assert_eq!(send(&server, delete()), done());
    let found = ask(&server, "GET", &format!("/v2/Users/{zoe}"), None);
    assert_eq!(found["status"], "404", "{found}");
    assert_eq!(send(&server, delete()), already("not there any more"));
    assert_eq!(send(&server, disable()), refused("there is no user `zoe`"));
}

#[test]
fn what_cannot_be_read_is_tried_again() {
    let server = Scim::start("another");
    user(&server, "zoe");
    let outcome = send(&server, provision(&server, Provisioning::Delete, "zoe"));
    let Outcome::Failed { why, .. } = outcome else { panic!("{outcome:?}") };
    assert!(why.starts_with("can't be read: the receiver answered 401"), "{why}");
    let gone = provision(&server, Provisioning::Delete, "zoe");
    let address = server.address();
    drop(server);
    let hosts = [address.parse().unwrap()].into();
    let settings = Settings { hosts, ..Settings::default() };
    let effect = Effect::Connector(gone);
    let delivery = Delivery { key: "run-7_2", effect: &effect, attempts: 0 };
    let mut network = Network::new(settings, Clock::Fixed(NOW));
    let outcomes = network.deliver(&[delivery, delivery], NOW);
    let why = "can't be reached: connection refused".to_owned();
    let failed = Outcome::Failed { why, retry_after: None };
    assert_eq!(outcomes, [failed.clone(), failed]);
    // Nor is a place inside the house asked that the configuration does not name.
    let mut closed = Network::new(Settings::default(), Clock::Fixed(NOW));
    let outcome = closed.deliver(&[delivery], NOW).remove(0);
    let Outcome::Failed { why, .. } = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("is not a public address"), "{why}");
}

/// rows: L52 L54 O13 O17
#[test]
fn a_policy_takes_somebody_out_of_a_group_where_it_lives() {
    let server = Scim::start(TOKEN.1);
    let zoe = user(&server, "zoe");
    let users = group(&server, "Salesforce Users", &[&zoe]);
    let site = Site::acme();
    site.write("token", TOKEN.1);
    let policy = "policy seats\n  for accounts in app Salesforce\n  \
                  when inactive > 90d and user.email = \"zoe@acme.example\"\n  \
                  except in group Execs\n  \
                  then remove from group \"Salesforce Users\"\n";
    site.publish("seats", policy);
    let configure = |connectors: &str| {
        let text = format!(
            "admin = \"it@acme.example\"\n[hosts]\nallow = [\"{}\"]\n{connectors}",
            server.address()
        );
        site.write("tenure.toml", &text);
    };
    configure("");
    let refused = site.no(1, &["activate", "seats", "--now", NOON]);
    assert!(refused.contains("connect its source under [connectors.NAME]"), "{refused}");
    let url = server.url("/v2");
    configure(&format!(
        "[connectors.okta]\nkind = \"scim\"\nurl = \"{url}\"\ntoken = \"file:token\"\n"
    ));
    let plan = site.ok(&["plan", "seats.tenure", "--now", NOON]).out;
    assert!(plan.contains("remove from group \"Salesforce Users\" in okta"), "{plan}");
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    assert_eq!(members(&server, &users), Vec::<String>::new());
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "removed".to_owned())]);
    let token = site.dump().contains(TOKEN.1) && site.dump().contains("Bearer");
    assert!(!token, "a token is in the store");
}

//! Connectors, against a SCIM server that is not our own code.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail them")]

use crate::peers::{Scim, scim_request as ask};
use crate::site::{NOON, Site};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use tenure::actions::{Network, Settings};
use tenure::engine::{Delivery, Effect, Hands as _, Outcome, Provision, Provisioning};
use tenure::ir::SecretRef;
use tenure::time::Timestamp;
use tenure::time::clock::Clock;

const NOW: Timestamp = Timestamp(1_790_000_000);

/// Cargo sets it, so that the environment need not be changed.
pub(crate) const TOKEN: (&str, &str) = ("CARGO_PKG_NAME", env!("CARGO_PKG_NAME"));

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

pub(crate) fn group(server: &Scim, name: &str, members: &[&str]) -> String {
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
fn permissions_are_taken_wherever_the_system_lists_them() {
    let server = Scim::start(TOKEN.1);
    let zoe = user(&server, "zoe");
    let path = format!("/v2/Users/{zoe}");
    let change = |operations: Value| {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({ "schemas": [schema], "Operations": operations });
        ask(&server, "PATCH", &path, Some(&body))
    };
    change(json!([
        { "op": "add", "path": "entitlements",
          "value": [{ "value": "Sales \"Cloud\"" }, { "value": "read" }] },
        { "op": "add", "path": "roles", "value": [{ "value": "READ" }, { "value": "admin" }] },
    ]));
    let take = |what: &str| {
        let permission = what.to_owned();
        send(&server, provision(&server, Provisioning::Revoke { permission }, "zoe"))
    };
    assert_eq!(take("sales \"cloud\""), done());
    assert_eq!(take("Read"), done());
    let found = ask(&server, "GET", &path, None);
    assert_eq!(found["entitlements"], Value::Null, "{found}");
    let roles = found["roles"].as_array().unwrap();
    assert!(roles.len() == 1 && roles[0]["value"] == "admin", "{found}");
    assert_eq!(take("read"), already("not held there"));
    let nobody = Provisioning::Revoke { permission: "read".to_owned() };
    let nobody = send(&server, provision(&server, nobody, "nobody"));
    assert_eq!(nobody, refused("there is no user `nobody`"));
}

#[test]
fn attributes_of_users_are_written_where_scim_keeps_them() {
    let server = Scim::start(TOKEN.1);
    let zoe = user(&server, "zoe");
    let extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let department = format!("{extension}:department");
    for path in ["title", "name.familyName", department.as_str()] {
        let (path, value) = (path.to_owned(), "Alumni".to_owned());
        let write = || {
            let what = Provisioning::Write { path: path.clone(), value: value.clone() };
            send(&server, provision(&server, what, "zoe"))
        };
        assert_eq!(write(), done(), "{path}");
        assert_eq!(write(), already("already so there"), "{path}");
    }
    let found = ask(&server, "GET", &format!("/v2/Users/{zoe}"), None);
    assert_eq!(found["title"], "Alumni", "{found}");
    assert_eq!(found["name"]["familyName"], "Alumni", "{found}");
    assert_eq!(found[extension]["department"], "Alumni", "{found}");
}

/// A server that answers every request so, or hangs where it is to say nothing: an answer is the
/// status, ` | ` before each header, and behind the line the body.
pub(crate) fn puppet(
    answer: Option<fn(&str) -> String>,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heard);
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut first = String::new();
            BufReader::new(&stream).read_line(&mut first).unwrap();
            log.lock().unwrap().push(first.trim().to_owned());
            match answer {
                Some(answer) => {
                    let body = answer(&first);
                    let (status, body) = body.split_once('\n').unwrap();
                    let status = status.replace(" | ", "\r\n");
                    write!(
                        stream,
                        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\
                         connection: close\r\n\r\n{body}",
                        body.len()
                    )
                    .unwrap();
                }
                None => held.push(stream),
            }
        }
    });
    (address, heard)
}

fn asked_of(address: &str, connector: &str, what: Provisioning) -> Effect {
    Effect::Connector(Provision {
        connector: connector.to_owned(),
        url: format!("http://{address}/v2"),
        token: None,
        what,
        username: "zoe".to_owned(),
        email: None,
    })
}

fn network(addresses: &[&str]) -> Network {
    let hosts = addresses.iter().map(|it| it.parse().unwrap()).collect();
    Network::new(Settings { hosts, ..Settings::default() }, Clock::Fixed(NOW))
}

/// The answer to an earlier attempt may have been an error though it was made.
#[test]
fn what_is_gone_after_an_attempt_may_be_its_work() {
    let (address, _) = puppet(Some(|_| "200 OK\n{\"totalResults\": 0}".to_owned()));
    let effect = asked_of(&address, "okta", Provisioning::Delete);
    let after = |attempts| {
        let delivery = Delivery { key: "k", effect: &effect, attempts };
        network(&[&address]).deliver(&[delivery], NOW).remove(0)
    };
    let why = "not there any more";
    assert_eq!(after(0), Outcome::AlreadySo { why: why.to_owned() });
    let message = format!("{why}; an earlier attempt may have done it");
    assert_eq!(after(1), Outcome::Delivered { message: Some(message) });
}

/// A system that deletes nobody, or a wrong route, says 404 as one does where nobody is.
#[test]
fn who_is_still_there_was_not_deleted() {
    let (address, _) = puppet(Some(|request| match request.starts_with("DELETE") {
        true => "404 Not Found\n{}".to_owned(),
        false => {
            let user = r#"{"id": "1", "userName": "zoe"}"#;
            format!("200 OK\n{{\"totalResults\": 1, \"Resources\": [{user}]}}")
        }
    }));
    let effect = asked_of(&address, "okta", Provisioning::Delete);
    let delivery = Delivery { key: "k", effect: &effect, attempts: 0 };
    let outcome = network(&[&address]).deliver(&[delivery], NOW).remove(0);
    assert_eq!(outcome, refused("the receiver answered 404 Not Found"));
}

/// What the answer shows as it was is not done; and what a system does not list is not taken for
/// gone.
#[test]
fn a_system_that_only_says_yes_is_not_believed() {
    let (address, heard) = puppet(Some(|request| {
        let user = r#"{"id": "1", "userName": "zoe", "active": true}"#;
        match request {
            _ if request.contains("Schemas") => "404 Not Found\n{}".to_owned(),
            _ if request.starts_with("GET") => {
                format!("200 OK\n{{\"totalResults\": 1, \"Resources\": [{user}]}}")
            }
            _ => format!("200 OK\n{user}"),
        }
    }));
    let permission = "read".to_owned();
    let effects = [Provisioning::Deactivate, Provisioning::Revoke { permission }]
        .map(|what| asked_of(&address, "okta", what));
    let batch =
        effects
            .each_ref()
            .map(|effect| Delivery { key: "k", effect, attempts: 0 });
    let outcomes = network(&[&address]).deliver(&batch, NOW);
    let unlisted = "its users have neither entitlements nor roles, so nobody can say whether \
                    it is held";
    let yes = "the receiver answered 200 OK, and has not changed it";
    assert_eq!(outcomes, [refused(yes), refused(unlisted)]);
    assert_eq!(heard.lock().unwrap().len(), 4, "{heard:?}");
}

/// What an answer leaves out is read: a user who is shown without it has not got it, and a group
/// that does not name its members says nothing of them.
#[test]
fn what_an_answer_leaves_out_is_looked_up() {
    const MEMBERS: &str = r#","members":[{"value":"1"}]"#;
    fn play(request: &str, (answer, read): (&str, &str)) -> String {
        let user = r#"{"id":"1","userName":"zoe"}"#;
        let list =
            |one: &str| format!("200 OK\n{{\"totalResults\":1,\"Resources\":[{one}]}}");
        let group = |more: &str| format!(r#"{{"id":"7","displayName":"Sales"{more}}}"#);
        match request {
            _ if request.contains("/Users?") => list(user),
            _ if request.contains("/Groups?") => list(&group("")),
            _ if request.contains("/Users/") => format!("200 OK\n{user}"),
            _ if request.starts_with("GET") => format!("200 OK\n{}", group(read)),
            _ => format!("200 OK\n{}", group(answer)),
        }
    }
    let tell = |answer: fn(&str) -> String, what| {
        let (address, heard) = puppet(Some(answer));
        let effect = asked_of(&address, "okta", what);
        let batch = [Delivery { key: "k", effect: &effect, attempts: 0 }];
        let outcome = network(&[&address]).deliver(&batch, NOW).remove(0);
        let heard = heard.lock().unwrap().len();
        (outcome, heard)
    };
    let unchanged = || refused("the receiver answered 200 OK, and has not changed it");
    let still = |request: &str| play(request, (MEMBERS, MEMBERS));
    assert_eq!(tell(still, leave("Sales")), (unchanged(), 4));
    let unsaid = |request: &str| play(request, ("", MEMBERS));
    assert_eq!(tell(unsaid, leave("Sales")), (unchanged(), 5));
    let nobody = |request: &str| play(request, (r#","members":[]"#, ""));
    assert_eq!(tell(nobody, join("Sales")), (unchanged(), 4));
    // Neither the answer nor the group says who is in it.
    let silent = |request: &str| play(request, ("", ""));
    assert_eq!(tell(silent, join("Sales")), (done(), 5));
    let title = Provisioning::Write { path: "title".to_owned(), value: "CEO".to_owned() };
    assert_eq!(tell(silent, title), (unchanged(), 3));
}

/// One connector that hangs keeps the others waiting for nothing but itself, and is not asked
/// for more until it has answered.
#[test]
fn a_hanging_system_holds_up_no_other() {
    let (hanging, stuck) = puppet(None);
    let (quick, heard) =
        puppet(Some(|_| "200 OK\n{\"totalResults\": 0, \"Resources\": []}".to_owned()));
    let [slow, b] = [(&hanging, "slow"), (&quick, "b")]
        .map(|(address, name)| asked_of(address, name, Provisioning::Delete));
    let hosts = [&hanging, &quick].map(|address| address.parse().unwrap());
    let settings = Settings { hosts: hosts.into(), ..Settings::default() };
    let mut network = Network::new(settings, Clock::Wall);
    let of = |effect| Delivery { key: "k", effect, attempts: 0 };
    assert_eq!(network.begin(1, of(&slow), NOW), None);
    assert!(!network.is_free(&slow) && network.is_free(&b));
    let mut ends = Vec::new();
    for id in [2, 3] {
        assert_eq!(network.begin(id, of(&b), NOW), None);
        assert!(!network.is_free(&b));
        while !network.is_free(&b) {
            ends.extend(network.ended(NOW).1);
        }
    }
    let gone = already("not there any more");
    assert_eq!(ends.iter().map(|it| it.id).collect::<Vec<_>>(), [2, 3]);
    assert!(ends.iter().all(|it| it.outcome == gone), "{ends:?}");
    assert!(!network.is_free(&slow));
    ends.clear();
    while ends.is_empty() {
        ends = network.ended(NOW).1;
    }
    let late = "no answer within 30s".to_owned();
    let late = Outcome::silent(late);
    assert_eq!((ends[0].id, &ends[0].outcome), (1, &late));
    assert!(ends[0].at > NOW);
    // Who has just not answered is not asked.
    assert_eq!(network.begin(4, of(&slow), NOW), Some(late));
    assert_eq!(stuck.lock().unwrap().len(), 1);
    assert!(heard.lock().unwrap().len() >= 2);
}

/// rows: O15
#[test]
fn what_a_system_cannot_do_is_refused_before_it_is_tried() {
    let site = Site::acme();
    let configure = |more: &str| {
        let text = format!(
            "admin = \"it@acme.example\"\n[store]\nauthority = \"store\"\n[connectors.salesforce]\n\
             kind = \"scim\"\nurl = \"https://salesforce.acme.example/v2\"\n{more}"
        );
        site.write("tenure.toml", &text);
    };
    configure("");
    let steps = [
        ("end sessions", "SCIM knows no sessions", "end sessions with flow NAME"),
        ("unassign from app", "SCIM does not tell", "write `disable account`"),
        ("remove access", "SCIM does not tell", "deprovision with NAME"),
    ];
    for (step, why, help) in steps {
        let name = step.replace(' ', "-");
        let policy = format!(
            "policy {name}\n  for accounts in app Salesforce\n  when inactive > 90d\n  \
             except in group Execs\n  then {step}\n"
        );
        site.write("seats.tenure", &policy);
        // Where no session is on record, a plan has none to end.
        if step != "end sessions" {
            let plan = site.ok(&["plan", "seats.tenure", "--now", NOON]).out;
            let told = format!("{step}: failed: `salesforce` cannot do it: {why}");
            assert!(plan.contains(&told), "{plan}");
        }
        site.publish(&name, &policy);
        // However much the store is the authority of what nobody declares: this lives there.
        let said = site.no(1, &["activate", &name, "--now", NOON]);
        assert!(
            said.contains(&format!("`{step}` cannot be done: `salesforce`")),
            "{said}"
        );
        assert!(said.contains(why) && said.contains(help), "{said}");
    }
    configure("users = true\n");
    let policy = "policy leavers\n  for users\n  when department = \"Sales\"\n  \
                  except in group Execs\n  then suspend user\n";
    site.publish("leavers", policy);
    let said = site.no(1, &["activate", "leavers", "--now", NOON]);
    assert!(said.contains("write `disable user`"), "{said}");
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
    let failed = Outcome::silent(why);
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

    // What is to be put back there is named once, however often it is asked for.
    let stays =
        "Salesforce Users`: it lives in `okta`: put it back there, then import it\n";
    for _ in 0..2 {
        let said = site.ok(&["undo", "1", "--now", NOON]);
        assert_eq!(
            (said.out.matches("stays: ").count(), said.out.contains(stays)),
            (1, true)
        );
        assert!(said.err.contains("0 changes undone; 1 can't be"), "{said:?}");
    }
    let trail = site.ok(&["show", "1"]).out;
    assert_eq!(trail.matches("not undone: ").count(), 1, "{trail}");
}

/// A page to sign in at, and an answer that breaks off, are no success, whatever the status.
#[test]
fn a_page_to_sign_in_at_is_no_success() {
    let (address, _) = puppet(Some(|request| match request.starts_with("GET") {
        true => "200 OK\n{\"totalResults\": 1, \"Resources\": [{\"id\": \"1\", \
                 \"userName\": \"zoe\", \"active\": true}]}"
            .to_owned(),
        false => "200 OK\n<!doctype html><title>Sign in</title>".to_owned(),
    }));
    let (lost, _) = puppet(Some(|_| "200 OK\n<html>Sign in</html>".to_owned()));
    let effects = [
        asked_of(&address, "okta", Provisioning::Deactivate),
        asked_of(&address, "okta", Provisioning::Delete),
        asked_of(&lost, "entra", Provisioning::Delete),
    ];
    let batch =
        effects
            .each_ref()
            .map(|effect| Delivery { key: "k", effect, attempts: 0 });
    let outcomes = network(&[&address, &lost]).deliver(&batch, NOW);
    let why = |why: &str| Outcome::unsettled(why.to_owned());
    let page = why("the receiver answered 200 OK with a web page");
    let list = why("the list of Users can't be read: it is a web page");
    assert_eq!(outcomes, [page.clone(), page, list]);
}

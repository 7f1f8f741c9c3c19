//! Members of groups whom the system itself does not have any more, and systems that want to be
//! asked more slowly.

use crate::directory::{configure, import, user, users};
use crate::peers::{Scim, scim_request as ask};
use crate::scim::{TOKEN, group, puppet};
use crate::site::{NOON, Site};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

/// This server leaves whom it deletes in its groups, as many do.
#[test]
fn whom_a_system_has_deleted_is_left_out_of_groups_and_said() {
    let server = Scim::start(TOKEN.1);
    let ids: Vec<String> = (0..30)
        .map(|number| user(&server, &format!("p{number}"), &json!({})))
        .collect();
    let members: Vec<&str> = ids.iter().map(String::as_str).collect();
    let inner = group(&server, "Inner", &members[..2]);
    group(&server, "Sales", &[&members[1..5], &[inner.as_str()]].concat());
    group(&server, "All", &members);
    let site = Site::empty();
    configure(&site, "okta", &server.address(), "users = true\n");
    import(&site, &["okta"]);
    let people = |dump: &str, of: &str| {
        let start = format!("membership {of} in okta ");
        dump.lines()
            .filter(|line| line.to_lowercase().starts_with(&start))
            .count()
    };

    ask(&server, "DELETE", &format!("/v2/Users/{}", ids[1]), None);
    ask(&server, "DELETE", &format!("/v2/Groups/{inner}"), None);
    let said = site.ok(&["import", "scim", "okta", "--now", NOON]);
    let (one, two) = (&ids[1], &inner);
    let all = format!(
        "group `All` has 1 member that the system itself does not have any more, left out: `{one}`"
    );
    assert!(said.err.contains(&all), "{said:?}");
    let sales = "group `Sales` has 2 members that the system itself does not have any more, left out: ";
    assert!(said.err.contains(sales) && said.err.contains(two.as_str()), "{said:?}");
    assert_eq!((people(&site.dump(), "all"), people(&site.dump(), "sales")), (29, 3));
    let again = site.json(&["import", "scim", "okta", "--now", NOON]);
    assert_eq!(again["notes"].as_array().map(Vec::len), Some(2), "{again}");

    // Many are held as ever.
    let before = site.dump();
    for id in &ids[10..20] {
        ask(&server, "DELETE", &format!("/v2/Users/{id}"), None);
    }
    let held = site.no(1, &["import", "scim", "okta", "--now", NOON]);
    assert!(held.contains("memberships: of"), "{held}");
    assert_eq!(site.dump(), before);
    let said = site.ok(&["import", "scim", "okta", "--accept-large", "--now", NOON]);
    assert!(said.err.contains(" and 8 more"), "{said:?}");
    assert_eq!(people(&site.dump(), "all"), 19);
}

/// How often one of these servers was asked.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// A system that is asked too fast is asked again when it says so; one that wants more time than
/// anybody waits for is left alone.
#[test]
fn a_system_that_asks_for_time_gets_it() {
    let (address, heard) = puppet(Some(|request| {
        if request.contains("Groups") {
            return "404 Not Found\n".to_owned();
        }
        match ASKED.fetch_add(1, Ordering::Relaxed) {
            0 => "429 Slowly | retry-after: 1\n".to_owned(),
            1 => "503 Later | retry-after: 0\n".to_owned(),
            _ => users(1, "{\"id\": \"1\", \"userName\": \"a\"}"),
        }
    }));
    let site = Site::empty();
    configure(&site, "okta", &address, "");
    let said = import(&site, &["okta"]);
    assert!(said.contains("accounts 1 row: 1 new"), "{said}");
    assert_eq!(heard.lock().map(|it| it.len()).ok(), Some(4));

    let (address, heard) =
        puppet(Some(|_| "429 Slowly | retry-after: 3600\n{}".to_owned()));
    configure(&site, "okta", &address, "");
    let said = site.no(1, &["import", "scim", "okta", "--now", NOON]);
    assert!(said.contains("429 Too Many Requests"), "{said}");
    assert!(said.contains("help: try again in 1h"), "{said}");
    assert_eq!(heard.lock().map(|it| it.len()).ok(), Some(1));
}

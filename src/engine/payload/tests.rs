//! The body of a webhook, field by field.

use crate::engine::payload::body;
use crate::engine::people::Cast;
use crate::facts::{
    Account, App, Custom, Facts, Grant, Permission, Person, Subject, SubjectId,
};
use crate::ir::{AppId, AttributeId, PermissionId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn person(email: &str, given: &str, family: &str) -> Person {
    Person {
        email: email.to_owned(),
        given_name: Some(given.to_owned()),
        family_name: Some(family.to_owned()),
        ..Person::default()
    }
}

fn permission(id: i64, asked: Option<(&str, &str)>) -> Permission {
    Permission {
        id: PermissionId(id),
        label: format!("Label {id}"),
        value: format!("value_{id}"),
        kind: Some("PERMISSION".to_owned()),
        source: Some("MANUAL".to_owned()),
        granted_at: None,
        expires_at: None,
        requested_by: asked.map(|(by, _)| by.to_owned()),
        request_comment: asked.map(|(_, words)| words.to_owned()),
    }
}

fn custom(name: &str, text: &str) -> Custom {
    Custom {
        id: AttributeId(1),
        name: name.to_owned(),
        text: text.to_owned(),
        at: None,
        number: None,
    }
}

fn facts(permissions: Vec<Permission>) -> Facts {
    Facts {
        subject: Subject {
            id: SubjectId::Account(1),
            name: "crm/zoe".to_owned(),
        },
        grant: None,
        account: Some(Account {
            id: 1,
            username: "zoe".to_owned(),
            status: None,
            gone: false,
            created_at: None,
            expires_at: None,
            last_login: None,
            last_activity: None,
            custom: vec![custom("username", "not this"), custom("seat", "A \"1\"")],
        }),
        user: Some(person("zoe@acme.example", "Zoë", "Quist")),
        manager: None,
        app: Some(App {
            id: AppId(1),
            name: "crm".to_owned(),
            label: Some("The CRM".to_owned()),
            instance_id: Some("crm-7".to_owned()),
        }),
        app_owner: None,
        groups: BTreeMap::new(),
        derived: BTreeSet::new(),
        roles: BTreeMap::new(),
        permissions,
        sessions: 0,
        apps: BTreeSet::new(),
        user_last_seen: None,
        seen_by_apps: None,
        doubts: None,
    }
}

/// The body, where the decider said that.
fn sent(facts: &Facts, decided: Option<&str>) -> Option<String> {
    let mut cast = Cast::default();
    let max = person("max@acme.example", "Max", "Øster");
    cast.people.insert("max@acme.example".to_owned(), max);
    body(decided, facts, &cast)
}

fn read(facts: &Facts, decided: Option<&str>) -> Value {
    serde_json::from_str(&sent(facts, decided).unwrap()).unwrap()
}

/// rows: W04 W05 W06 W07 W08 W09 W10 W11 W12 W13
#[test]
fn these_fields_in_this_order_and_no_others() {
    let asked = Some(("MAX@acme.example", "for Q3"));
    assert_eq!(
        sent(&facts(vec![permission(1, asked)]), None).unwrap(),
        "{\"application\":{\"app_id\":\"crm\",\"instance_id\":\"crm-7\",\
         \"user_friendly_label\":\"The CRM\"},\
         \"permissions\":[{\"label\":\"Label 1\",\"value\":\"value_1\",\
         \"type\":\"PERMISSION\",\"source\":\"MANUAL\"}],\
         \"user\":{\"email\":\"max@acme.example\",\"given_name\":\"Max\",\"family_name\":\"Øster\"},\
         \"target_user\":{\"email\":\"zoe@acme.example\",\"given_name\":\"Zoë\",\"family_name\":\"Quist\"},\
         \"request_comment\":\"for Q3\",\
         \"custom_fields\":{\"username\":\"zoe\",\"seat\":\"A \\\"1\\\"\"}}"
    );
}

/// rows: W08
#[test]
fn an_account_takes_all_it_holds_and_a_grant_only_itself() {
    let held = vec![permission(1, None), permission(2, Some(("max@acme.example", "b")))];
    let mut facts = facts(held);
    assert_eq!(read(&facts, None)["permissions"].as_array().unwrap().len(), 2);
    let grant = Grant { id: 1, permission: permission(1, None) };
    facts.grant = Some(grant);
    let body = read(&facts, None);
    assert_eq!(body["permissions"].as_array().unwrap().len(), 1);
    assert_eq!(body["permissions"][0]["value"], "value_1");
    assert_eq!(body["user"]["email"], "zoe@acme.example", "nobody asked for this one");
    assert_eq!(body["request_comment"], "");
    facts.permissions.clear();
    facts.grant = None;
    assert_eq!(read(&facts, None)["permissions"], json!([]));
}

/// rows: W12
#[test]
fn the_comment_is_the_grants_else_the_deciders_else_empty() {
    let asked = |words| Some(("max@acme.example", words));
    let comment = |held: Vec<Permission>, decided| {
        read(&facts(held), decided)["request_comment"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(comment(vec![permission(1, asked("mine"))], Some("theirs")), "mine");
    assert_eq!(comment(vec![permission(1, asked(""))], Some("theirs")), "theirs");
    assert_eq!(comment(vec![permission(1, None)], None), "");
    let alike =
        vec![permission(1, asked("a")), permission(2, None), permission(3, asked("a"))];
    assert_eq!(comment(alike, Some("theirs")), "a");
    let apart = vec![permission(1, asked("a")), permission(2, asked("b"))];
    assert_eq!(comment(apart, Some("theirs")), "theirs");
}

/// rows: W11
#[test]
fn who_asked_stands_there_where_it_is_one() {
    let by = |email| Some((email, ""));
    let user = |held| read(&facts(held), None)["user"]["email"].clone();
    let max = || permission(1, by("max@acme.example"));
    assert_eq!(user(vec![max(), permission(2, None)]), "max@acme.example");
    assert_eq!(
        user(vec![max(), permission(2, by("ida@acme.example"))]),
        "zoe@acme.example"
    );
    let stranger = read(&facts(vec![permission(1, by("x@elsewhere.example"))]), None);
    let empty =
        json!({ "email": "x@elsewhere.example", "given_name": "", "family_name": "" });
    assert_eq!(stranger["user"], empty);
}

#[test]
fn an_orphan_has_empty_names_and_a_user_alone_no_body() {
    let mut facts = facts(Vec::new());
    facts.user = None;
    let nobody = json!({ "email": "", "given_name": "", "family_name": "" });
    let body = read(&facts, None);
    assert_eq!((&body["user"], &body["target_user"]), (&nobody, &nobody));
    facts.account = None;
    assert_eq!(sent(&facts, None), None);
}

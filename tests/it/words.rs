//! What people write that cannot be read is answered in our words, never in those of a parser.

use crate::site::{NOON, Site};

/// An event file, and what is said of it.
const EVENTS: &[(&str, &str)] = &[
    ("", "it is empty"),
    (" \n", "it is empty"),
    ("null", "it is null, and no object"),
    ("7", "it is 7, and no object"),
    ("\"x\"", "it is \"x\", and no object"),
    ("[]", "it is a list, and no object; each event is told alone"),
    ("{", "it ends within an object: its `}` is missing"),
    ("{\"id\": \"a", "it ends within a text: its closing `\"` is missing"),
    (
        "{\"id\": \"\u{e4}\" x}",
        "line 1, column 12: a `,` is missing between two fields, or the `}` behind the last",
    ),
    (
        "{\n \"id\": a}",
        "line 2, column 8: no value begins so: texts stand in double quotes",
    ),
    ("{\"id\" \"a\"}", "line 1, column 7: a `:` is missing between a name and its value"),
    ("{id: 1}", "line 1, column 2: a name in double quotes is missing"),
    ("{\"id\": \"a\",}", "line 1, column 12: a `,` stands behind the last value"),
    ("{\"at\": 01}", "line 1, column 9: no number is written so"),
    ("{\"id\": \"a\"} x", "line 1, column 13: something follows behind the end"),
    (
        "{\"id\": \"\\q\"}",
        "line 1, column 10: a backslash within a text is written `\\\\`",
    ),
    ("{\"ad\": 1}", "`ad` is no field of an event; did you mean `at`?"),
    (
        "{\"id\": \"a\", \"id\": \"b\", \"event\": \"event\", \"subject\": \"x\"}",
        "`id` stands in it twice",
    ),
];

#[test]
fn a_file_that_is_no_event() {
    let site = Site::acme();
    for (text, why) in EVENTS {
        site.write("event.json", text);
        let said = site.no(2, &["event", "event.json", "--now", NOON]);
        let form = "error: it is no event of the form tenure.event/1: ";
        assert_eq!(said, format!("{form}{why}\n"), "{text}");
    }
    // Whom it is about is an address, or made of the names of an account or a grant.
    let about = |subject: &str| {
        let text = format!(
            "{{\"id\": \"a\", \"event\": \"user suspended\", \"subject\": \"{subject}\"}}"
        );
        site.write("event.json", &text);
        site.no(1, &["event", "event.json", "--now", NOON])
    };
    assert_eq!(
        about("not an address"),
        "error: `not an address` is no e-mail address; the subject of an event is one, or \
         `app/name`, or `app/name/permission`\n"
    );
    assert_eq!(
        about("zed@acme.example"),
        "error: the store knows no `zed@acme.example`\n"
    );
}

#[test]
fn what_is_no_number_and_no_address() {
    let site = Site::acme();
    let run = "write the number of a run; `tenure runs` lists them\n";
    let evaluation =
        "write the number of an evaluation; `tenure evaluations` lists them\n";
    for (call, why) in [
        (&["decide", "abc", "keep", "--as", "zoe@acme.example"][..], run),
        (&["retry", "0"], run),
        (&["cancel", "-1"], run),
        (&["undo", "1.5"], run),
        (&["retry", "99999999999999999999"], run),
        (&["undo", "--evaluation", "x"], evaluation),
        (&["held", "x"], evaluation),
        (&["release", "x", "--reason", "y"], evaluation),
        (
            &["review", "close", "x"],
            "write the number of a review; `tenure review status` lists them\n",
        ),
        (
            &["show", "p", "--version", "-1"],
            "write the number of a version; `tenure show POLICY` lists them\n",
        ),
    ] {
        let said = site.no(2, call);
        assert!(said.contains(why), "{call:?}: {said}");
        assert!(!said.contains("digit") && !said.contains("unexpected"), "{said}");
    }
    for call in [
        &["team", "not an address"][..],
        &["runs", "--person", "not an address"],
        &["process", "--user", "not an address"],
    ] {
        assert_eq!(
            site.no(2, call),
            "error: `not an address` is no e-mail address\n  help: write it as \
             `zoe@acme.example`\n"
        );
    }
    assert!(
        site.no(1, &["team", "zed@acme.example"])
            .starts_with("error: there is no user `zed@acme.example`\n")
    );
}

//! The language against input that nobody wrote with care: no panic, one finding for one
//! mistake, and answers in no time.

use proptest::prelude::*;
use std::fmt::Write as _;
use std::time::Duration;
use tenure::catalog::Catalog;
use tenure::diagnose::{Code, Diagnostic, Look, to_human, to_json};
use tenure::ir::{Program, SubjectKind};
use tenure::text::{FileId, Sources};
use tenure::{check, syntax};

/// A catalog that takes every name for a good one.
fn assuming() -> Catalog {
    Catalog { assume: true, ..Catalog::default() }
}

pub(crate) fn checked(text: &str) -> (Program, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let id = sources.add("test.tenure", text);
    let (file, mut findings) = syntax::parse(&sources, id);
    let (program, more) = check::check(&sources, &[file], &assuming());
    findings.extend(more);
    for finding in &findings {
        let range = finding.span.range();
        assert!(range.start <= range.end && range.end <= text.len(), "{finding:?}");
        assert!(text.get(range).is_some(), "inside a letter: {finding:?}");
    }
    // Drawing must survive whatever checking does; the first few stand for all.
    let few: Vec<Diagnostic> = findings.iter().take(20).cloned().collect();
    to_human(&few, &sources, Look::PLAIN);
    to_json(&few, &sources);
    (program, findings)
}

pub(crate) fn codes(text: &str) -> Vec<Code> {
    // A few say enough: a failed comparison prints them all.
    checked(text).1.iter().map(|finding| finding.code).take(60).collect()
}

/// Runs a test on a thread with the small stack of other platforms, within a time.
pub(crate) fn quickly(most: Duration, test: impl FnOnce() + Send + 'static) {
    let (done, wait) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        test();
        done.send(()).ok();
    });
    let ended = wait.recv_timeout(most);
    let late = ended == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
    assert!(!late, "not done after {most:?}");
    thread.unwrap().join().unwrap();
}

/// Far more than any of it takes, even where others use the machine.
pub(crate) const SOON: Duration = Duration::from_secs(120);

#[test]
fn a_megabyte_of_parentheses() {
    quickly(SOON, || {
        assert_eq!(codes(&"(".repeat(1 << 20)), [Code::TooDeep]);
        let text = format!("when {}", "(".repeat((1 << 20) - 5));
        assert_eq!(codes(&text), [Code::TooDeep]);
        assert_eq!(
            codes(&format!("when {}", "(".repeat(16 << 20))),
            [Code::FileTooLarge]
        );
        assert_eq!(
            codes(&format!("when {}", ")".repeat(1 << 19))),
            [Code::UnbalancedParentheses]
        );
    });
}

#[test]
fn nesting_ends_at_sixty_four() {
    quickly(SOON, || {
        let nested = |depth: usize| {
            let (open, close) = ("(not ".repeat(depth / 2), ")".repeat(depth / 2));
            format!("when {open}inactive{close} then notify owner")
        };
        assert_eq!(codes(&nested(64)), []);
        assert_eq!(codes(&nested(66)), [Code::TooDeep]);
        let parentheses = |depth: usize| {
            let (open, close) = ("(".repeat(depth), ")".repeat(depth));
            format!("when {open}inactive{close} then notify owner")
        };
        assert_eq!(codes(&parentheses(64)), []);
        assert_eq!(codes(&parentheses(65)), [Code::TooDeep]);
        let nots = format!("when {}inactive then notify owner", "not ".repeat(200_000));
        assert_eq!(codes(&nots), [Code::TooDeep]);
    });
}

#[test]
fn nesting_costs_no_time_where_it_is_broken() {
    quickly(SOON, || {
        let (open, close) = ("(".repeat(60), "banana)".repeat(60));
        let text = format!("when {open}inactive > {close} then notify owner");
        assert!(!codes(&text).is_empty());
        let text =
            format!("when {open}inactive {close} > 3 then all of {open}ask{close}");
        assert!(!codes(&text).is_empty());
    });
}

#[test]
fn nested_steps_cost_no_time() {
    quickly(SOON, || {
        for (open, close) in [
            ("all of (", ")"),
            ("all of (end sessions, ", ") x"),
            ("all of (verify (", "))"),
        ] {
            let (open, close) = (open.repeat(30), close.repeat(30));
            let text = format!("when inactive then {open}disable account{close}");
            assert!(!codes(&text).is_empty());
        }
    });
}

#[test]
fn a_chain_of_a_hundred_thousand() {
    quickly(SOON, || {
        let chain = |count: usize| vec!["a"; count].join(" and ");
        let text =
            format!("define a as inactive\nwhen {} then notify owner", chain(100_000));
        let (program, findings) = checked(&text);
        assert_eq!(findings, []);
        assert_eq!(program.policies[0].when.conjuncts().len(), 100_000);
        let text = format!("when {} and or then notify owner", chain(1_000));
        assert!(!codes(&text).is_empty());
    });
}

#[test]
fn definitions_do_not_explode() {
    quickly(SOON, || {
        let mut text = "define a0 as inactive\n".to_owned();
        for at in 1..30 {
            writeln!(text, "define a{at} as a{0} and not a{0}", at - 1).unwrap();
        }
        text += "when a29 then notify owner\n";
        assert_eq!(codes(&text), [Code::TooLong]);
        let mut text = "define a0 as inactive\n".to_owned();
        for at in 1..10_000 {
            writeln!(text, "define a{at} as not a{}", at - 1).unwrap();
        }
        text += "when a9999 then notify owner\n";
        assert_eq!(codes(&text), [Code::TooDeep]);
        let circle = text.replace("define a0 as inactive", "define a0 as a9999");
        assert_eq!(codes(&circle), [Code::CyclicDefinition]);
    });
}

#[test]
fn glued_keywords_are_names() {
    let conditions = [
        "notinactive > 90d",
        "inactive > 90d andorange < 3d",
        "inactive>90dand inactive",
        "ingroup Execs",
        "in groupExecs",
        "inactive > 90d and notin group Execs",
        "hassession",
        "haspermission P",
        "hasrole R",
        "neveractive",
        "never activeand inactive",
        "sincelast_login > 3d",
        "untilexpires_at < 3d",
        "email endswith \"x\"",
        "email startswith \"x\"",
        "email notcontains \"x\"",
        "title matchesx \"y\"",
        "seat isknown",
        "seat is notknown",
        "inactiveand inactive",
        "inactive orinactive",
        "in group A for> 3dand inactive",
        "notin group A",
        "nothas session",
        "inactive >90d or(inactive)and inactive",
        "email inx (\"a\")",
        "identitystate = active",
    ];
    let steps = [
        "notifyowner",
        "askowner",
        "ask owner for7d",
        "ask owner, escalateafter 7d",
        "ask owner, escalate after7d",
        "ask owner, ifignored keep",
        "ask owner, if ignoredkeep",
        "wait3d",
        "runwebhook w",
        "run webhookw",
        "addto group A",
        "add togroup A",
        "removefrom group A",
        "disableaccount",
        "notify ownerand manager",
        "notify appowner x",
    ];
    for condition in conditions {
        let text = format!("policy p\n  when {condition}\n  then notify owner\n");
        // With a store that knows no such attribute.
        let mut sources = Sources::default();
        let id = sources.add("test.tenure", text.as_str());
        let (file, mut findings) = syntax::parse(&sources, id);
        let (program, more) = check::check(&sources, &[file], &Catalog::default());
        findings.extend(more);
        assert!(!findings.is_empty() && program.policies.is_empty(), "{condition}");
        assert!(findings.len() <= 2, "{condition}: {findings:#?}");
    }
    for step in steps {
        let text = format!("policy p\n  when inactive\n  then {step}\n");
        let (program, findings) = checked(&text);
        assert!(!findings.is_empty() && program.policies.is_empty(), "{step}");
        assert!(findings.len() <= 2, "{step}: {findings:#?}");
    }
}

#[test]
fn glued_keywords_of_clauses_are_names() {
    for text in [
        "policyp\n  when inactive\n  then notify owner",
        "wheninactive then notify owner",
        "when inactive thennotify owner",
        "definea as inactive",
        "define a asinactive",
        "policy p forusers when inactive then notify owner",
        "policy p exceptinactive when inactive then notify owner",
        "policy p limit5 when inactive then notify owner",
        "policy p everyday when inactive then notify owner",
        "policy p every dayat 09:00 when inactive then notify owner",
        "policy p every day at 09:00 inEurope/Paris when inactive then notify owner",
        "policy p every month on1 when inactive then notify owner",
        "policy p every monthon 1 when inactive then notify owner",
        "policy p onceat 2026-12-01T09:00 when inactive then notify owner",
        "policy p once at2026-12-01T09:00 when inactive then notify owner",
        "policy p for users onuser created then notify owner",
        "policy p for users on usercreated then notify owner",
        "policy p for users on user createdby signup then notify owner",
        "policy p for users on user created bysignup then notify owner",
        "policy p for users on user created by signupthen notify owner",
        "policy p for users on mfaupdated then notify owner",
        "policy p for users on usersuspended then notify owner",
        "policy p for users on group joinedG then notify owner",
        "policy p for users on groupleft G then notify owner",
        "policy p on accessrejected then notify owner",
        "policy p on access expiredthen notify owner",
        "policy p for users on departmentchanged then notify owner",
        "policy p for users on department changedfrom \"a\" then notify owner",
        "policy p for users on lifecycle changed toactive then notify owner",
        "policy p for users on event\"x\"then notify owner on requestpath",
        "policy p beforeuser created require inactive",
        "policy p before user created requireinactive",
        "policy p before user created require inactiveor has session",
        "policy p when inactive alwaysthen notify owner",
        "policy p when inactive then notify owner otherwisethen notify admin",
        "policy p when inactive canceloN user suspended then notify owner",
        "policy p when inactive cancelon user suspended then notify owner",
        "policy p when inactive cancel onuser suspended then notify owner",
        "policy p when inactive restarton user suspended then notify owner",
        "policy p when inactive countfrom activation then notify owner",
        "policy p when inactive count fromactivation then notify owner",
        "policy p when inactive rank1 in s then notify owner",
        "policy p when inactive rank 1 ins then notify owner",
        "policy p when inactive rank 1in s then notify owner",
        "policy p when inactive activityfrom okta then notify owner",
        "policy p when inactive activity fromokta then notify owner",
        "policy p when inactive activity from okta loginsonly then notify owner",
        "policy p when inactive reportto admin",
        "policy p when inactive report toadmin",
        "policy p when inactive report to admin includingdisabled",
        "policy p when inactive limit the largerof 5 and 5% then notify owner",
        "policy p when inactive limit the larger of 5and 5% then notify owner",
        "policy p when inactive limit nonebecause then notify owner",
        "policy p when until end_date reaches7d then notify owner",
        "policy p forgrants when inactive then notify owner",
        "policy p for grantsin app A when inactive then notify owner",
    ] {
        assert!(!codes(text).is_empty(), "{text}");
    }
}

#[test]
fn places_end_with_their_words() {
    let text = include_str!("../cases/check/clauses.tenure").replace('\n', " # c (\n ");
    let text = text.replace("\n policy", "\npolicy").replace("\n define", "\ndefine");
    let text = text.replace("\n template", "\ntemplate");
    let mut sources = Sources::default();
    let id = sources.add("test.tenure", text.as_str());
    let (file, findings) = syntax::parse(&sources, id);
    assert_eq!(findings, []);
    let mut seen = 0;
    for item in &file.items {
        let syntax::ast::ItemKind::Policy(policy) = &item.kind else { continue };
        for clause in &policy.clauses {
            let words = sources.snippet(clause.span);
            assert!(!words.ends_with(|last: char| last.is_whitespace()), "{words:?}");
            assert!(!words.lines().last().unwrap().contains(" # "), "{words:?}");
            assert!(words.starts_with(sources.snippet(clause.keyword)), "{words:?}");
            seen += 1;
            if let syntax::ast::ClauseKind::On(events) = &clause.kind {
                for event in events {
                    let words = sources.snippet(event.span);
                    assert!(!words.contains('#') && words.trim() == words, "{words:?}");
                }
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn keywords_are_names_where_a_name_is_due() {
    for text in [
        "policy limit when in group owner then notify owner",
        "when has role admin and has permission owner then notify owner",
        "when in group when and in group then then add to group notify",
        "when in group (and, or, not) then remove from group then",
        "define everyone as inactive\nwhen everyone and not everyone then notify group app",
    ] {
        assert_eq!(codes(text), [], "{text}");
    }
}

#[test]
fn one_broken_item_hides_nothing() {
    let mut text = String::new();
    for at in 0..50 {
        let broken = [
            "when inactive > 90 then notify owner",
            "when inactive > 9d then nuke it",
            "when title = \"a then notify owner",
            "when (inactive then notify owner",
            "whan inactive then notify owner",
        ];
        writeln!(text, "policy p{at}\n  {}", broken[at % 5]).unwrap();
    }
    assert_eq!(codes(&text).len(), 50);
}

#[test]
fn conditions_at_the_prompt() {
    let read = |text: &str| {
        let mut sources = Sources::default();
        let id = sources.add("prompt", text);
        let (condition, mut findings) = syntax::parse_condition(&sources, id);
        let checked = condition.map(|condition| {
            check::condition(&sources, &condition, &[], SubjectKind::Account, &assuming())
        });
        let found = checked.and_then(|(checked, more)| {
            findings.extend(more);
            checked
        });
        (found, findings.iter().map(|finding| finding.code).collect::<Vec<_>>())
    };
    assert!(read("inactive > 90d and not in group Execs").0.is_some());
    assert_eq!(read("inactive > 90").1, [Code::MissingUnit]);
    assert_eq!(read("inactive > 90d then").1, [Code::Syntax]);
    assert_eq!(read("inactive and").1, [Code::Syntax]);
    assert_eq!(read("(inactive").1, [Code::UnbalancedParentheses]);
    assert_eq!(read("").1, []);
    assert_eq!(read("banana apple").1, [Code::Syntax]);
    for text in
        ["(a", "a and", "a or\n", "not", "title = \"\"\"x", "in group A,", "when a then"]
    {
        assert!(syntax::is_incomplete(text), "{text}");
    }
    for text in ["", "a", "inactive > 90d", "title = \"x", "a)", "\"and\"", "# (and"] {
        assert!(!syntax::is_incomplete(text), "{text}");
    }
}

#[test]
fn marks_blanks_and_line_ends_of_other_systems() {
    let text = "\u{feff}when inactive > 90d\r\n  and not in group Execs\r\nthen notify owner\r\n";
    assert_eq!(codes(text), []);
    assert_eq!(codes("when\u{a0}inactive\u{2003}then notify owner"), []);
    assert_eq!(codes("when inactive then notify owner # Execs ( \" ' \n# (\n"), []);
    assert_eq!(codes(""), []);
    assert_eq!(codes("# nothing\n\n"), []);
    assert_eq!(codes("when inactive\0 then notify owner"), [Code::NulCharacter]);
    let text = "when title = \"Größe\" and department = Ünï then notify owner";
    let mut sources = Sources::default();
    let id = sources.add("x", text);
    let (file, _) = syntax::parse(&sources, id);
    let (_, findings) = check::check(&sources, &[file], &assuming());
    let place = sources
        .get(FileId(0))
        .unwrap()
        .position(findings[0].span.start as usize);
    assert_eq!((place.line, place.column), (1, 39));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        checked(&text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        checked(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn words_in_any_order_are_answered(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40),
    ) {
        checked(&words.join(" "));
        checked(&format!("policy p when inactive {}", words.join(" ")));
        checked(&words.join(""));
    }

    #[test]
    fn a_good_policy_with_one_hole_is_answered(at in 0..GOOD.len(), length in 0..20_usize) {
        let end = (at + length).min(GOOD.len());
        let mut text = GOOD.to_owned();
        text.replace_range(at..end, "");
        checked(&text);
    }
}

const GOOD: &str = r#"edition 1
define protected as in group (Execs, Leadership) or department = "Legal"
webhook revoke
  url "https://hooks.acme.example/revoke"
  secret env REVOKE_SECRET
policy reclaim "Take back" for accounts in app Salesforce every day at 12:00 in America/New_York
  when inactive > 90d and has permission "Sales Cloud" and (seat is known or email not ends with "x")
  except protected reviewers olga@acme.example, it@acme.example limit the larger of 50 and 5%
  then ask owner "Do you still need {{ app.label }}?", escalate to admin after 7d for 3d,
       if ignored remove, run webhook revoke, remove from group "Salesforce Users", wait 3d
"#;

const WORDS: &[&str] = &[
    "policy",
    "\npolicy",
    "\nwhen",
    "when",
    "then",
    "define",
    "as",
    "webhook",
    "template",
    "url",
    "and",
    "or",
    "not",
    "(",
    ")",
    ",",
    "in",
    "group",
    "app",
    "for",
    "accounts",
    "users",
    ">",
    ">=",
    "=",
    "90d",
    "90",
    "3m",
    "\"x\"",
    "\"",
    "inactive",
    "never",
    "active",
    "has",
    "role",
    "is",
    "known",
    "since",
    "until",
    "ask",
    "notify",
    "owner",
    "escalate",
    "after",
    "if",
    "ignored",
    "keep",
    "remove",
    "from",
    "run",
    "add",
    "to",
    "wait",
    "every",
    "day",
    "at",
    "12:00",
    "limit",
    "5%",
    "except",
    "reviewers",
    "a@b.example",
    "&&",
    "!",
    "“",
    "'",
    "#",
    "\"\"\"",
    "\n",
    "{{",
    "-",
    ".",
    "é",
    "unless",
    "user.status",
    "2026-01-01",
    "T",
];

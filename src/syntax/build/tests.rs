//! Numbers with units, texts over several lines, and where things end.

use crate::syntax::ast::{ClauseKind, ItemKind, StepKind};
use crate::syntax::build::literal::{Amount, amount, code_point, dedent};
use crate::syntax::parse;
use crate::text::Sources;
use crate::time::Duration;

#[test]
fn amounts() {
    let length = |text: &str| match amount(text) {
        Amount::Length(Duration(seconds)) => seconds,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(length("90d"), 90 * 86_400);
    assert_eq!(length("1d12h"), 129_600);
    assert_eq!(length("30min"), 1_800);
    assert_eq!(length("2w"), 14 * 86_400);
    assert_eq!(length("-3d"), -3 * 86_400);
    assert_eq!(length("0d"), 0);
    assert_eq!(amount("90"), Amount::Number(90.0));
    assert_eq!(amount("-2.5"), Amount::Number(-2.5));
    assert_eq!(amount("3m"), Amount::Ambiguous);
    assert_eq!(amount("1d3m"), Amount::Ambiguous);
    assert_eq!(amount("3mo"), Amount::Varying);
    assert_eq!(amount("1y"), Amount::Varying);
    assert_eq!(amount("5bd"), Amount::BusinessDays(5));
    assert_eq!(amount("1d5bd"), Amount::BusinessSum);
    assert_eq!(amount("5bd1d"), Amount::BusinessSum);
    assert_eq!(amount("-5bd"), Amount::BusinessSum);
    assert_eq!(amount("99999999999bd"), Amount::TooLarge);
    assert_eq!(amount("1.5d"), Amount::Fraction);
    assert_eq!(amount("90days"), Amount::Spelled("90d".into()));
    assert_eq!(amount("90x"), Amount::Unknown);
    assert_eq!(amount("1d12"), Amount::Unknown);
    assert_eq!(amount("99999999999999999999d"), Amount::TooLarge);
    assert_eq!(amount("9999999999999d"), Amount::TooLarge);
}

#[test]
fn common_indentation_goes() {
    assert_eq!(dedent("\n    Hello,\n\n      you\n    "), "Hello,\n\n  you");
    assert_eq!(dedent("{\"a\": 1}"), "{\"a\": 1}");
    assert_eq!(dedent("\r\n  a\r\n  b\r\n"), "a\nb");
    assert_eq!(dedent(""), "");
}

#[test]
fn code_points() {
    assert_eq!(code_point("{1F600} rest"), Some(('😀', 7)));
    assert_eq!(code_point("{D800}"), None);
    assert_eq!(code_point("{41"), None);
}

/// What stands at each step, people and calls, blanks and comments behind them left out.
#[test]
fn places_end_with_the_last_word() {
    let text = "\
policy p
  when inactive > 90d
  then ask (owner, app owner ) \"x\" for 5bd # a comment
         remind (3d , 1d ) ,
       escalate to group  \"Execs\"   after 2d   # another
       , call POST \"https://a.example\" with bearer env T header \"A\" = \"b\"  # third
         json \"{}\" accept ( 404 ) or skip  # fourth
       , set title = Head of Sales # fifth
       , all of ( end sessions , remove access # in it
         ) # behind it
       , run flow f with x = 1 , y = user.email   # sixth
       , verify a and (b or c) \"m\"  or skip   # seventh
  if kept  # eighth
    snooze 30bd   # ninth

";
    let mut sources = Sources::default();
    let file = sources.add("p.tenure", text);
    let (tree, findings) = parse(&sources, file);
    assert!(findings.is_empty(), "{findings:?}");
    let ItemKind::Policy(policy) = &tree.items[0].kind else { panic!("no policy") };
    let mut seen = Vec::new();
    for clause in &policy.clauses {
        let (ClauseKind::Then(steps) | ClauseKind::IfKept(steps)) = &clause.kind else {
            continue;
        };
        seen.push(sources.snippet(clause.keyword));
        for step in steps {
            seen.push(
                sources.snippet(step.span).lines().last().unwrap_or_default().trim(),
            );
            match &step.kind {
                StepKind::Ask { who, .. } | StepKind::Escalate { who, .. } => {
                    seen.extend(who.iter().map(|who| sources.snippet(who.span)));
                }
                StepKind::Call(call) => {
                    seen.extend(call.headers.iter().map(|it| sources.snippet(it.span)));
                    seen.extend(call.bearer.iter().map(|it| sources.snippet(it.span)));
                }
                StepKind::Set { value, .. } => seen.push(sources.snippet(value.span)),
                StepKind::RunFlow { with, .. } => {
                    seen.extend(
                        with.iter().map(|(_, value)| sources.snippet(value.span)),
                    );
                }
                StepKind::Verify { condition, .. } => {
                    seen.push(sources.snippet(condition.span));
                }
                StepKind::Snooze(length) => seen.push(sources.snippet(length.span)),
                _ => {}
            }
        }
    }
    let wanted = [
        "then",
        "remind (3d , 1d )",
        "owner",
        "app owner",
        "escalate to group  \"Execs\"   after 2d",
        "group  \"Execs\"",
        "json \"{}\" accept ( 404 ) or skip",
        "header \"A\" = \"b\"",
        "with bearer env T",
        "set title = Head of Sales",
        "Head of Sales",
        ")",
        "run flow f with x = 1 , y = user.email",
        "1",
        "user.email",
        "verify a and (b or c) \"m\"  or skip",
        "a and (b or c)",
        "if kept",
        "snooze 30bd",
        "30bd",
    ];
    assert_eq!(seen, wanted);
}

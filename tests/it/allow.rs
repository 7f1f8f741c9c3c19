//! Warnings that are allowed or denied: in the file, by the configuration, by the call.

use crate::site::Site;
use tenure::check::heed;
use tenure::diagnose::{Code, Diagnostic, Level, Levels, Severity};
use tenure::session::config::Config;
use tenure::syntax::allows;
use tenure::text::{Sources, Span};

/// What is left of warnings at each `!` of a text, and what is said about its comments: the
/// lines and codes. (What stands for the warning is one about such a comment.)
fn left(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("a.tenure", text);
    let warnings = text.match_indices('!').map(|(at, _)| {
        Diagnostic::warning(Code::UnusedAllow, Span::new(file, at, at + 1), "here")
    });
    let found = heed(warnings.collect(), &allows(&sources, file), true);
    let source = sources.get(file).unwrap();
    let place = |found: &Diagnostic| {
        let line = source.position(found.span.start as usize).line;
        let own = if found.message == "here" { "!" } else { found.code.as_str() };
        format!("{line} {own}")
    };
    found.iter().map(place).collect()
}

#[test]
fn a_comment_is_about_its_line_the_next_one_or_the_item_below() {
    let nothing: [&str; 0] = [];
    assert_eq!(left("policy a\n  when ! # allow unused-allow: why\n"), nothing);
    assert_eq!(left("policy a\n  # allow unused-allow: why\n  when !\n"), nothing);
    let second = "policy a\n  # allow unused-allow: why\n  when !\n  then !\n";
    assert_eq!(left(second), ["4 !"]);
    let item = "# allow unused-allow: why\npolicy a\n  when !\n  then !\npolicy b !\n";
    assert_eq!(left(item), ["5 !"]);
    let bare = "# allow unused-allow: why\nwhen !\n  then !\n";
    assert_eq!(left(bare), nothing);
    // Blank lines and comments between do not matter, nor does how a line ends.
    let far = "#allow  unused-allow :why\r\n# more\r\n\r\npolicy a\r\n when !\r\n";
    assert_eq!(left(far), nothing);
    // Behind the first line of an item it is about that line only.
    let behind = "policy a ! # allow unused-allow: why\n  when !\n";
    assert_eq!(left(behind), ["2 !"]);
    // A line does not end within a text.
    let long =
        "policy a\n  # allow unused-allow: why\n  body \"\"\"\n  !\n  \"\"\"\n  then !\n";
    assert_eq!(left(long), ["6 !"]);
    assert_eq!(left("policy a \"# allow unused-allow: why\" !\n"), ["1 !"]);
}

#[test]
fn the_narrowest_is_used() {
    let both = "# allow unused-allow: why\npolicy a\n  when ! # allow unused-allow: so\n";
    assert_eq!(left(both), ["1 unused-allow"]);
}

#[test]
fn what_is_wrong_with_comments() {
    assert_eq!(left("policy a # allow unused-allow: why\n"), ["1 unused-allow"]);
    assert_eq!(left("# allow unused-allow: why\n"), ["1 unused-allow"]);
    assert_eq!(left("policy a ! # allow unused-allow\n"), ["1 allow-without-reason"]);
    assert_eq!(left("policy a ! # allow unused-allow:  \n"), ["1 allow-without-reason"]);
    assert_eq!(left("policy a ! # allow unused-allow why\n"), ["1 allow-without-reason"]);
    assert_eq!(left("policy a ! # allow syntax: why\n"), ["1 !", "1 allow-of-error"]);
    assert_eq!(left("policy a ! # allow unusd-allow: why\n"), ["1 !", "1 unknown-allow"]);
    assert_eq!(left("policy a ! # allow whatever: why\n"), ["1 !", "1 unknown-allow"]);
    // People write such sentences.
    for comment in
        ["# allow managers to decide", "# allow", "# allowed: all", "# allow: x"]
    {
        assert_eq!(left(&format!("policy a ! {comment}\n")), ["1 !"], "{comment}");
    }
}

#[test]
fn errors_are_not_silenced_and_hide_what_a_comment_was_for() {
    let text = "policy a # allow unused-allow: why\n";
    let mut sources = Sources::default();
    let file = sources.add("a.tenure", text);
    let allows = allows(&sources, file);
    let span = Span::new(file, 0, 1);
    let denied = Diagnostic::error(Code::UnusedAllow, span, "denied");
    assert_eq!(heed(vec![denied.clone()], &allows, true), [denied]);
    assert_eq!(heed(Vec::new(), &allows, false), []);
}

#[test]
fn levels_go_call_then_configuration() {
    let (one, other) = (Code::UnusedAllow, Code::UnknownAllow);
    let levels = |level, denied: &[Code], warnings_denied| Levels {
        configured: [(one, level)].into(),
        denied: denied.iter().copied().collect(),
        warnings_denied,
    };
    assert_eq!(Levels::default().of(one), Level::Warn);
    assert_eq!(levels(Level::Allow, &[], false).of(one), Level::Allow);
    assert_eq!(levels(Level::Deny, &[], false).of(one), Level::Deny);
    assert_eq!(levels(Level::Allow, &[one], false).of(one), Level::Deny);
    assert_eq!(levels(Level::Allow, &[], true).of(one), Level::Allow);
    assert_eq!(levels(Level::Warn, &[], true).of(one), Level::Deny);
    assert_eq!(levels(Level::Allow, &[], true).of(other), Level::Deny);
    let error = Diagnostic::error(Code::Syntax, Span::default(), "x");
    let lower = Levels {
        configured: [(Code::Syntax, Level::Allow)].into(),
        ..Levels::default()
    };
    assert_eq!(lower.weigh(vec![error.clone()]), [error]);
    let warning = Diagnostic::warning(one, Span::default(), "x");
    let weighed = levels(Level::Deny, &[], false).weigh(vec![warning.clone()]);
    assert_eq!(weighed[0].severity, Severity::Error);
    assert_eq!(levels(Level::Allow, &[], false).weigh(vec![warning]), []);
}

#[test]
fn the_configuration_names_levels() {
    let read = |text: &str| Config::parse(text, "".as_ref());
    let config = read("[policies]\nlevels = { unused-allow = \"deny\" }\n").unwrap();
    assert_eq!(config.levels, [(Code::UnusedAllow, Level::Deny)].into());
    let text = "[policies.levels]\nunusd-allow = \"warn\"\nunused-allow = \"loud\"\n\
                syntax = \"allow\"\nunknown-group = \"deny\"\nunknown-allow = 3\n";
    let findings = read(text).unwrap_err();
    let said: Vec<String> = findings
        .iter()
        .map(|found| {
            let help = found.help.as_deref().unwrap_or_default();
            format!("{}: {} / {help}", found.position.line, found.message)
        })
        .collect();
    assert_eq!(
        said,
        [
            "2: there is no warning `unusd-allow` / is `unused-allow` meant?",
            "3: `loud` is no level / known are `allow`, `deny`, `warn`",
            "4: `syntax` is an error, and stays one / only warnings have levels",
            "6: `unknown-allow` is a text in quotes, not a number / ",
        ]
    );
}

#[test]
fn the_program_denies() {
    let site = Site::acme();
    let idle = "policy a # allow unused-allow: why\n  when inactive then notify owner\n";
    site.write("a.tenure", idle);
    let check = |more: &[&str]| site.call(&[&["check", "a.tenure"], more].concat());
    let said = check(&[]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), "1 policy, 1 warning\n"));
    for denied in ["warnings", "unused-allow"] {
        let said = check(&["--deny", denied]);
        assert_eq!((said.code, said.err.as_str()), (Some(1), "1 error\n"), "{denied}");
    }
    assert_eq!(check(&["--deny", "unknown-allow"]).code, Some(0));
    let said = check(&["--deny", "unusd-allow"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("is `unused-allow` meant?"), "{}", said.err);

    let configure = |level: &str| {
        let text = format!("[policies]\nlevels = {{ unused-allow = \"{level}\" }}\n");
        site.write("tenure.toml", &text);
    };
    configure("allow");
    assert_eq!(check(&[]).err, "1 policy, no mistakes found\n");
    assert_eq!(check(&["--deny", "warnings"]).code, Some(0));
    assert_eq!(check(&["--deny", "unused-allow"]).code, Some(1));
    configure("deny");
    assert_eq!(check(&[]).code, Some(1));
    assert_eq!(site.call(&["publish", "a.tenure"]).code, Some(1));
}

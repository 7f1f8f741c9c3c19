//! Files made to break things: each gets its finding, with a place, and soon. The clock is
//! not asked here but by `cargo bench --bench check`; whoever takes minutes fails.

use crate::language::{SOON, checked, codes, quickly};
use std::fmt::Write as _;
use std::path::Path;
use tenure::catalog::Catalog;
use tenure::diagnose::{Code, Look, to_human};
use tenure::session::Project;
use tenure::text::Sources;

const MEGABYTE: usize = 1 << 20;

/// How many of something are many: a build for debugging is slow, and a cost that grows with
/// the square shows there all the same.
const MANY: usize = if cfg!(debug_assertions) { 3_000 } else { 100_000 };

/// The finding's place, as people read it, and its code.
fn places(text: &str) -> Vec<(u32, u32, Code)> {
    let mut sources = Sources::default();
    let id = sources.add("test.tenure", text);
    let findings = checked(text).1;
    let place = |offset: u32| sources.get(id).unwrap().position(offset as usize);
    findings
        .iter()
        .map(|finding| {
            let start = place(finding.span.start);
            (start.line, start.column, finding.code)
        })
        .collect()
}

#[test]
fn every_fifth_of_many_policies_is_broken() {
    quickly(SOON, || {
        let mistakes = [
            ("inactive > 90", Code::MissingUnit),
            ("title = \"a", Code::UnclosedText),
            ("(inactive", Code::UnbalancedParentheses),
            ("inactive && in group A", Code::ForeignOperator),
            ("inactive and in group A or has session", Code::MixedAndOr),
        ];
        let mut text = String::new();
        let mut wanted = Vec::new();
        let policies = MANY / 10;
        for at in 0..policies {
            let mut condition = "inactive > 90d and not in group Execs";
            if at % 5 == 4 {
                let (broken, code) = mistakes[at / 5 % mistakes.len()];
                condition = broken;
                wanted.push((u32::try_from(at * 3 + 2).unwrap(), code));
            }
            write!(text, "policy p{at}\n  when {condition}\n  then notify owner\n")
                .unwrap();
        }
        let mut found: Vec<_> = places(&text)
            .into_iter()
            .map(|(line, _, code)| (line, code))
            .collect();
        found.sort_unstable();
        assert_eq!(found.len(), policies / 5);
        assert_eq!(found, wanted);
        assert_eq!(checked(&text).0.policies.len(), policies / 5 * 4);
    });
}

#[test]
fn a_megabyte_of_one_thing() {
    quickly(SOON, || {
        assert_eq!(places(&"(".repeat(MEGABYTE)), [(1, 65, Code::TooDeep)]);
        assert_eq!(places(&")".repeat(MEGABYTE)), [(1, 1, Code::UnbalancedParentheses)]);
        assert_eq!(places(&"\"".repeat(MEGABYTE)), [(1, 1_048_573, Code::UnclosedText)]);
        assert_eq!(places(&format!("when {}", "not ".repeat(MANY * 2))).len(), 1);
        for text in [" ", "\n", "\t", "#", "\r\n"] {
            assert_eq!(places(&text.repeat(MEGABYTE)), [], "{text:?}");
        }
    });
}

#[test]
fn runs_that_could_begin_something_are_looked_at_once() {
    quickly(SOON, || {
        let condition = [
            "a.", ".", "+", "a%", "a@", "'a", "“", "! ", "& ", "is ", "-", "a > ",
            "\"\"\"",
        ];
        for part in condition {
            let text = format!("when {} then notify owner", part.repeat(MANY * 3));
            assert!(!codes(&text).is_empty(), "{part}");
        }
        let steps = ["a.", "a%", "if ", "for ", ",", "group ", "{{", "run ", "ask "];
        for part in steps {
            let text = format!("when inactive then notify {}", part.repeat(MANY * 2));
            assert!(!codes(&text).is_empty(), "{part}");
        }
        let clauses =
            ["limit 5\n ", "banana ", "every day ", "when ", "then ", "then wait 1d "];
        for part in clauses {
            let text = format!("policy p {}", part.repeat(MANY));
            assert!(!codes(&text).is_empty(), "{part}");
        }
    });
}

#[test]
fn long_lists_and_chains_are_fine() {
    quickly(SOON, || {
        let many = |part: &str, between: &str| vec![part; MANY].join(between);
        for (text, steps) in [
            (format!("when title in ({}) then notify owner", many("\"a\"", ", ")), 1),
            (format!("when in group ({}) then notify owner", many("g", ", ")), 1),
            (format!("when inactive then {}", many("wait 1d", ", ")), MANY),
        ] {
            let (program, findings) = checked(&text);
            assert_eq!(findings, []);
            assert_eq!(program.policies[0].steps.len(), steps);
        }
        let text = format!("when {} then notify owner", many("inactive", " or "));
        assert_eq!(codes(&text), []);
        let text =
            format!("when {} and inactive then notify owner", many("inactive", " or "));
        assert_eq!(codes(&text), [Code::MixedAndOr]);
    });
}

#[test]
fn steps_within_steps_end_somewhere() {
    quickly(SOON, || {
        for depth in [60, 100, 100_000] {
            let (open, close) = ("all of(".repeat(depth), ")".repeat(depth));
            let text = format!("when inactive then {open}wait 1d{close}");
            let codes = codes(&text);
            assert!(codes.len() <= 1, "{codes:?}");
            assert!(depth <= 64 || codes == [Code::TooDeep], "{depth}: {codes:?}");
        }
    });
}

#[test]
fn long_lines_are_shown_in_part() {
    let long = "x".repeat(65_536);
    for text in [
        format!("# {long}\nwhen inactive > 3 then notify owner"),
        format!("when title = \"{long}\" and inactive > 3 then notify owner"),
        format!("when inactive > 3 and in group {long} then notify owner"),
    ] {
        let (_, findings) = checked(&text);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].code, Code::MissingUnit);
        let mut sources = Sources::default();
        let id = sources.add("test.tenure", text);
        let start = findings[0].span.start as usize;
        let place = sources.get(id).unwrap().position(start);
        let shown = to_human(&findings, &sources, Look::PLAIN);
        assert!(shown.len() < 2_000);
        assert!(shown.contains(&format!(":{}:{}]", place.line, place.column)), "{shown}");
    }
}

#[test]
fn nothing_turns_or_hides_what_is_read() {
    for letter in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
        let good = "when inactive then notify owner";
        assert_eq!(places(&format!("# a{letter}b\n{good}")), [(1, 4, Code::BidiControl)]);
        assert_eq!(places(&format!("{good} # {letter}")), [(1, 35, Code::BidiControl)]);
        let text = format!("when title = \"a{letter}b\" then notify owner");
        assert_eq!(places(&text), [(1, 16, Code::BidiControl)]);
        let text = format!("when title = \"\"\"a{letter}b\"\"\" then notify owner");
        assert_eq!(places(&text), [(1, 18, Code::BidiControl)]);
        let text = format!("when in{letter}active then notify owner");
        assert_eq!(places(&text), [(1, 8, Code::BidiControl)]);
    }
    for letter in
        ['\u{200b}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{1b}', '\u{7f}', '\u{9b}']
    {
        let place = [(1, 17, Code::InvisibleCharacter)];
        assert_eq!(
            places(&format!("when in group Ex{letter}ecs then notify owner")),
            place
        );
        let place = [(1, 18, Code::InvisibleCharacter)];
        assert_eq!(
            places(&format!("when in group \"Ex{letter}ecs\" then notify owner")),
            place
        );
        assert_eq!(
            codes(&format!("# Ex{letter}ecs\nwhen inactive then notify owner")),
            []
        );
    }
    // Scripts and emoji need these.
    assert_eq!(
        codes("when title = \"👩\u{200d}🚒 می\u{200c}خواهم\" then notify owner"),
        []
    );
    assert_eq!(codes("when title = \"\\u{202E}\\u{200B}\" then notify owner"), []);
    // Each other mistake is still found.
    let text = "# \u{202e}\nwhen inactive > 3 then notify owner";
    assert_eq!(codes(text), [Code::BidiControl, Code::MissingUnit]);
}

#[test]
fn the_edits_for_what_is_hidden_work() {
    let texts = [
        "# a\u{202e}b\u{2066}\nwhen inactive then notify owner",
        "when title = \"a\u{202e}b\u{200b}\" then notify owner",
        "when title = \"\"\"a\u{202e}b\u{200b}\"\"\" then notify owner",
        "when in\u{200b}active then notify owner",
    ];
    for text in texts {
        let (_, findings) = checked(text);
        assert_eq!(findings.len(), 1);
        assert!(!findings[0].fixes.is_empty());
        for fix in &findings[0].fixes {
            let mut edited = text.to_owned();
            edited.replace_range(fix.span.range(), &fix.replacement);
            assert_eq!(codes(&edited), [], "{edited:?}");
        }
    }
}

#[test]
fn no_line_ends_for_some_readers_only() {
    for end in ["\r", "\u{2028}", "\u{2029}", "\r\r\n"] {
        let text = format!("# safe{end}when banana then notify owner");
        assert_eq!(places(&text), [(1, 7, Code::LineEnd)], "{end:?}");
    }
    let text = "# safe\r\nwhen inactive\r\n  then notify owner \"\"\"a\r\nb\"\"\"\r\n";
    assert_eq!(places(text), []);
}

#[test]
fn nothing_in_a_file_speaks_to_the_terminal() {
    let text =
        "when titl\u{1b}[2Je \u{202e} = \"\u{9b}x\" and\rbanana\u{7} then notify owner";
    for text in [text.to_owned(), text.replace('\r', "\n"), format!("# {text}\nwhen x")] {
        let (_, findings) = checked(&text);
        let mut sources = Sources::default();
        sources.add("test.tenure", text);
        let shown = to_human(&findings, &sources, Look::PLAIN);
        let bad = |letter: &char| {
            letter.is_control() && *letter != '\n' || *letter == '\u{202e}'
        };
        assert!(!shown.contains(|letter| bad(&letter)), "{shown:?}");
    }
}

#[test]
fn what_is_no_utf_8_has_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog { assume: true, ..Catalog::default() };
    let utf16: Vec<u8> =
        "when inactive".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&[u8], Code, u32); 4] = [
        (b"# fine\n# a\xffb\nwhen inactive then notify owner", Code::NotUtf8, 10),
        (b"when title = \"caf\xe9\" then notify owner", Code::NotUtf8, 17),
        (b"when title = \"\xed\xa0\x80\" then notify owner", Code::NotUtf8, 14),
        (&utf16, Code::NulCharacter, 1),
    ];
    for (bytes, code, start) in files {
        let path = folder.path().join("a.tenure");
        std::fs::write(&path, bytes).unwrap();
        let project = Project::read(&[path], &catalog).unwrap();
        let found: Vec<_> = project
            .findings
            .iter()
            .map(|found| (found.code, found.span.start))
            .collect();
        assert_eq!(found, [(code, start)]);
        assert!(project.program.policies.is_empty());
    }
    assert!(Project::read(&[Path::new("/nowhere").into()], &catalog).is_err());
}

//! What is read as a filter, and what is said of what is none.

use crate::scim_filter::{Filter, Literal, Operator, Test, parse};

fn shown(filter: &Filter) -> String {
    let list = |parts: &[Filter], word: &str| {
        let parts: Vec<_> = parts.iter().map(shown).collect();
        format!("({})", parts.join(word))
    };
    match filter {
        Filter::And(parts) => list(parts, " & "),
        Filter::Or(parts) => list(parts, " | "),
        Filter::Not(inner) => format!("!{}", shown(inner)),
        Filter::Test(Test { attribute, operator, value, .. }) => match value {
            Some(Literal::Text(text)) => {
                format!("{attribute} {} '{text}'", operator.name())
            }
            Some(other) => format!("{attribute} {} {other:?}", operator.name()),
            None => format!("{attribute} {}", operator.name()),
        },
    }
}

fn read(text: &str) -> String {
    match parse(text) {
        Ok(filter) => shown(&filter),
        Err(error) => error.to_string(),
    }
}

/// rows: S30
#[test]
fn filters_are_read_as_the_standard_has_them() {
    let cases = [
        (r#"userName eq "bjensen""#, "userName eq 'bjensen'"),
        (r#"name.familyName co "O'Malley""#, "name.familyName co 'O'Malley'"),
        (
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
            "userName sw 'J'",
        ),
        ("title pr", "title pr"),
        (
            r#"meta.lastModified GT "2011-05-13T04:42:34Z""#,
            "meta.lastModified gt '2011-05-13T04:42:34Z'",
        ),
        (r#"title pr and userType eq "Employee""#, "(title pr & userType eq 'Employee')"),
        ("a pr or b pr AND c pr", "(a pr | (b pr & c pr))"),
        (
            r#"userType eq "E" and (emails co "x" or emails.value co "y")"#,
            "(userType eq 'E' & (emails co 'x' | emails.value co 'y'))",
        ),
        (
            r#"userType ne "E" and not (emails co "x")"#,
            "(userType ne 'E' & !emails co 'x')",
        ),
        (
            r#"emails[type eq "work" and value co "@example.com"]"#,
            "(emails.type eq 'work' & emails.value co '@example.com')",
        ),
        (r#"a eq "\"\u00e9\\""#, "a eq '\"é\\'"),
        ("active eq true", "active eq Bool(true)"),
        ("level ge 3.5", "level ge Number(\"3.5\")"),
        ("title eq null", "title eq Null"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_filter_is_said_with_its_place() {
    let cases = [
        ("", "column 1: an attribute is expected, and the end was found"),
        ("userName", "column 9: an operator behind `userName` is expected"),
        ("userName = \"x\"", "column 10: an operator behind `userName` is expected"),
        ("userName eq", "column 12: a value behind `eq` is expected"),
        ("userName eq zoe", "column 13: a value behind `eq` is expected, and `zoe`"),
        ("userName eq \"zoe", "column 13: the text is not closed"),
        ("title pr title pr", "column 10: the end is expected, and `title`"),
        ("(title pr", "column 10: `)` is expected"),
        ("title pr)", "column 9: the end is expected, and `)`"),
        ("not title pr", "column 5: `(` is expected"),
        ("a pr and", "column 9: an attribute is expected"),
    ];
    for (text, expected) in cases {
        let said = read(text);
        assert!(said.starts_with(expected), "{text}: {said}");
    }
    let deep = format!("{}title pr{}", "(".repeat(65), ")".repeat(65));
    assert!(read(&deep).contains("no deeper than 64"));
    assert!(parse(&format!("{}title pr{}", "(".repeat(64), ")".repeat(64))).is_ok());
}

#[test]
fn no_text_makes_the_reader_fail() {
    let signs = ["(", ")", "[", "]", "\"", "not", "and", "pr", "eq", "é", " ", "\\"];
    for first in signs {
        for second in signs {
            for third in signs {
                for glue in ["", " "] {
                    drop(parse(&[first, second, third].join(glue)));
                }
            }
        }
    }
    assert_eq!(Operator::ALL.len(), 10);
}

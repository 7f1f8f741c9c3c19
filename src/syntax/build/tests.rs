//! Numbers with units, and texts over several lines.

use crate::syntax::build::literal::{Amount, amount, code_point, dedent};
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

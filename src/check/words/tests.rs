//! Blanks and comments in quoted source.

use crate::check::words::folded;

#[test]
fn blanks_and_comments_fold() {
    assert_eq!(folded("in  group\n   Execs"), "in group Execs");
    assert_eq!(
        folded("in group ( A ,\n B ) # who\n  for > 9d"),
        "in group (A, B) for > 9d"
    );
    assert_eq!(folded(r#"title = "a  #b" "#), r#"title = "a  #b""#);
    assert_eq!(folded(r#"title = "a \"  b""#), r#"title = "a \"  b""#);
}

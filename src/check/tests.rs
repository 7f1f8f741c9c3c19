//! Source words as they are quoted, and circles among definitions.

use crate::check::define::circles;
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

#[test]
fn circles_start_with_their_first() {
    assert!(circles(&[vec![1], vec![2], vec![]]).is_empty());
    assert_eq!(circles(&[vec![0]]), [[0]]);
    assert_eq!(circles(&[vec![2], vec![], vec![3], vec![0]]), [[0, 2, 3]]);
    assert_eq!(circles(&[vec![1, 1], vec![2, 3], vec![], vec![1]]), [[1, 3]]);
}

#[test]
fn long_chains_need_no_stack() {
    let chain: Vec<Vec<usize>> = (1..=200_000).map(|next| vec![next % 200_000]).collect();
    assert_eq!(circles(&chain).len(), 1);
}

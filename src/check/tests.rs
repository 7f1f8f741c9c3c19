//! Source words as they are quoted, circles among definitions, and everybody's roles.

use crate::catalog::{Catalog, Role};
use crate::check::check;
use crate::check::define::circles;
use crate::check::words::folded;
use crate::diagnose::Code;
use crate::ir::RoleId;
use crate::syntax;
use crate::text::Sources;

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

/// rows: M15
#[test]
fn roles_that_everybody_holds_stay() {
    let role = |id, name: &str, default| Role {
        id: RoleId(id),
        name: name.to_owned(),
        default,
        privileged: false,
        members: 3,
    };
    let catalog = Catalog {
        roles: vec![role(1, "Employee", true), role(2, "Seller", false)],
        ..Catalog::default()
    };
    let mut sources = Sources::default();
    let text = "when inactive then assign role Employee, unassign role employee, assign role Seller";
    let id = sources.add("a.tenure", text);
    let (file, findings) = syntax::parse(&sources, id);
    assert!(findings.is_empty(), "{findings:?}");
    let (_, findings) = check(&sources, &[file], &catalog);
    let found: Vec<_> = findings
        .iter()
        .map(|it| (it.code, sources.snippet(it.span)))
        .collect();
    assert_eq!(found, [(Code::DefaultRole, "Employee"), (Code::DefaultRole, "employee")]);
}

#[test]
fn a_name_with_a_joint_in_it_is_one_mistake() {
    let role = |id, name: &str| Role {
        id: RoleId(id),
        name: name.to_owned(),
        default: false,
        privileged: false,
        members: 3,
    };
    let catalog = Catalog {
        roles: vec![role(1, "Research and Development"), role(2, "Seller")],
        ..Catalog::default()
    };
    let found = |text: &str| {
        let mut sources = Sources::default();
        let id = sources.add("one.tenure", text);
        let (file, mut findings) = syntax::parse(&sources, id);
        findings.extend(check(&sources, &[file], &catalog).1);
        let said = findings.into_iter().map(|found| (found.code, found.help));
        said.collect::<Vec<_>>()
    };
    let text =
        "when inactive and not has role Research and Development then notify owner";
    let help = Some("write `\"Research and Development\"`".to_owned());
    assert_eq!(found(text), [(Code::UnquotedName, help)]);
    let apart = found("when has role Seller and Development then notify owner");
    assert_eq!(
        apart.iter().map(|(code, _)| *code).collect::<Vec<_>>(),
        [Code::UnknownWord]
    );
}

//! Text in, tree out.
//!
//! A file is looked over and cut into items ([`scan`]), each item is parsed on its own, and
//! stretches that no rule takes get a second look ([`mistakes`]), so that every independent
//! mistake of a file is found in one pass.

mod address;
mod allow;
pub mod ast;
mod build;
mod capitals;
mod foreign_sign;
mod grammar;
mod hidden;
mod misread;
mod mistakes;
mod named;
mod reword;
mod scan;
mod torn;
mod words;

pub(crate) use crate::syntax::address::may_be_address;
pub use crate::syntax::address::{Address, addresses};
pub use crate::syntax::allow::{Allow, allows};
pub use crate::syntax::named::names_in;
pub(crate) use crate::syntax::scan::{Token, next as next_token};
pub(crate) use crate::syntax::words::unglue;

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::{
    Clause, ClauseKind, Condition, ConditionKind, Define, File, Flow, Item, ItemKind,
    Policy, Template, TestKind, Webhook,
};
use crate::syntax::build::{Built, Cx};
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::scan::Piece;
use crate::syntax::words::ITEMS;
use crate::text::{FileId, Sources, Span, Spanned};
use pest::Parser as _;
use std::borrow::Cow;

/// Parses one file.
pub fn parse(sources: &Sources, file: FileId) -> (File, Vec<Diagnostic>) {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    mended(file, text, read)
}

/// Reads a text; what only looks foreign in it is refused, and read as it was meant.
fn mended<T>(
    file: FileId,
    text: &str,
    read: impl Fn(FileId, &str) -> (T, Vec<Diagnostic>),
) -> (T, Vec<Diagnostic>) {
    let (plain, mut signs) = match foreign_sign::mend(file, text) {
        Some((plain, signs)) => (Cow::Owned(plain), signs),
        None => (Cow::Borrowed(text), Vec::new()),
    };
    let (mut tree, mut findings) = read(file, &plain);
    if hidden::refuse(file, text).is_some() {
        signs.clear();
    } else if !findings.is_empty() {
        let faults = |findings: &[Diagnostic]| {
            findings.iter().map(|it| (it.code, it.span)).collect::<Vec<_>>()
        };
        let (pieces, _) = scan::scan(file, &plain);
        let lowered = capitals::mend(&plain, &pieces, &faults(&findings), |text| {
            faults(&read(file, text).1)
        });
        if let Some((lowered, places)) = lowered {
            (tree, findings) = read(file, &lowered);
            // A word that is foreign in lower case, too, was refused already.
            let capitals = places
                .iter()
                .filter_map(|at| capitals::finding(file, &plain, *at))
                .filter(|it| !findings.iter().any(|other| is_mended(other, it.span)));
            signs.extend(capitals);
        }
    }
    if !(signs.is_empty() && findings.is_empty()) {
        let (pieces, _) = scan::scan(file, &plain);
        torn::doubt(text, &plain, &pieces, &mut findings, &mut signs);
        findings.append(&mut signs);
        findings.sort_by_key(|finding| finding.span.start);
    }
    (tree, findings)
}

/// Whether a finding comes with a certain edit of a place.
fn is_mended(finding: &Diagnostic, place: Span) -> bool {
    finding.fixes.iter().any(|fix| fix.certain && fix.span == place)
}

fn read(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    let (pieces, findings) = scan::scan(file, text);
    let mut cx = Cx {
        file,
        text,
        base: 0,
        findings,
        made: 0,
        depth: 0,
        loose_comma: None,
    };
    let mut tree = File { id: file, edition: None, items: Vec::new() };
    let mut bare: Option<Span> = None;
    for (at, piece) in pieces.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| pieces.get(before));
        let next = pieces.get(at + 1);
        if piece.keyword == "when" {
            let head = Span::new(file, piece.start, piece.start + "when".len());
            if before.is_some_and(|before| before.keyword == "policy") {
                cx.report(ambiguous_when(head));
                continue;
            }
            if let Some(first) = bare {
                cx.report(second_when(head, first));
                continue;
            }
            bare = Some(head);
        }
        match cx.piece(piece) {
            Built::Item(mut item) => {
                // The policy may have been meant to have that `when`.
                item.damaged |= next.is_some_and(|next| {
                    next.keyword == "when" && piece.keyword == "policy"
                });
                tree.items.push(*item);
            }
            Built::Edition(edition) => tree.edition = cx.edition(edition, at == 0),
            Built::Nothing => {}
        }
    }
    (tree, cx.findings)
}

/// Parses a condition that stands alone in a file, as at the prompt.
pub fn parse_condition(
    sources: &Sources,
    file: FileId,
) -> (Option<Condition>, Vec<Diagnostic>) {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    mended(file, text, read_condition)
}

fn read_condition(file: FileId, text: &str) -> (Option<Condition>, Vec<Diagnostic>) {
    let (pieces, findings) = scan::scan(file, text);
    let mut cx = Cx {
        file,
        text,
        base: 0,
        findings,
        made: 0,
        depth: 0,
        loose_comma: None,
    };
    if pieces.is_empty() || !cx.findings.is_empty() {
        return (None, cx.findings);
    }
    let whole = Span::new(file, 0, text.trim_end().len());
    let Ok(mut pairs) = Grammar::parse(Rule::condition_line, text) else {
        cx.bad_condition(whole);
        return (None, cx.findings);
    };
    let condition = pairs.next().and_then(|line| build::condition_line(&mut cx, line));
    (condition, cx.findings)
}

/// Whether a bare word that stands alone as a condition is a name, and not a question of the
/// language.
pub(crate) fn is_free(word: &str) -> bool {
    let mut sources = Sources::default();
    let file = sources.add("", word);
    let (condition, _) = parse_condition(&sources, file);
    let Some(ConditionKind::Test(test)) = condition.map(|it| it.kind) else {
        return false;
    };
    matches!(*test, TestKind::Name(_))
}

/// Whether a line at the prompt goes on in the next one: a bracket or a string is open, or
/// its last word needs another.
pub fn is_incomplete(text: &str) -> bool {
    scan::is_open(text)
}

impl Cx<'_> {
    fn piece(&mut self, piece: &Piece<'_>) -> Built {
        let text = self.text.get(piece.start..piece.end).unwrap_or_default();
        let span = Span::new(self.file, piece.start, piece.start + text.trim_end().len());
        self.base = piece.start;
        if !piece.broken
            && let Some(finding) = self.in_braces(span)
        {
            self.report(finding);
        } else if !piece.broken
            && ITEMS.contains(&piece.keyword)
            && self.in_column_one(piece.start)
        {
            if let Ok(mut pairs) = Grammar::parse(Rule::item, text)
                && let Some(pair) = pairs.next()
            {
                return build::item(self, pair);
            }
            self.bad_item(span);
        } else if !piece.broken {
            self.bad_item(span);
        }
        // What could not be read still has its name, so that nothing else misses it.
        let kind = self.head(text).and_then(|(keyword, name)| nameable(&keyword, name));
        match kind {
            Some(kind) => Built::Item(Box::new(Item { kind, span, damaged: true })),
            None => Built::Nothing,
        }
    }

    fn in_column_one(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        before.is_empty() || before.ends_with(['\n', '\u{feff}'])
    }

    /// The keyword and the name of a damaged item.
    fn head(&self, text: &str) -> Option<(String, Spanned<String>)> {
        let head = Grammar::parse(Rule::head, text).ok()?.next()?;
        let mut inner = head.into_inner();
        let (keyword, name) = (inner.next()?, inner.next()?);
        let start = self.base + name.as_span().start();
        let span = Span::new(self.file, start, start + name.as_str().len());
        let written = name.as_str().trim_matches('"').to_owned();
        Some((keyword.as_str().to_owned(), Spanned::new(written, span)))
    }

    fn edition(&mut self, edition: Spanned<u32>, first: bool) -> Option<Spanned<u32>> {
        let span = edition.span;
        if !first {
            self.report(
                Diagnostic::error(
                    Code::MisplacedEdition,
                    span,
                    "the edition stands before everything else",
                )
                .label("items before it")
                .help("move the line to the top of the file"),
            );
            return None;
        }
        if edition.value != 1 {
            let message = format!("there is no edition `{}`", self.snippet(span));
            self.report(
                Diagnostic::error(Code::UnknownEdition, span, message)
                    .label("not known to this program")
                    .help("write `edition 1`")
                    .maybe(span, "1"),
            );
            return None;
        }
        Some(edition)
    }
}

fn nameable(keyword: &str, name: Spanned<String>) -> Option<ItemKind> {
    Some(match keyword {
        "policy" => ItemKind::Policy(Policy {
            head: name.span,
            name: Some(name),
            title: None,
            clauses: vec![Clause {
                kind: ClauseKind::Damaged,
                keyword: Span::default(),
                span: Span::default(),
            }],
        }),
        "define" => ItemKind::Define(Define { name, condition: None }),
        "webhook" => ItemKind::Webhook(Webhook {
            name,
            url: None,
            secret: None,
            timeout: None,
            retry: None,
            headers: Vec::new(),
        }),
        "template" => ItemKind::Template(Template { name, subject: None, body: None }),
        "flow" => {
            ItemKind::Flow(Flow { name, parameters: Vec::new(), calls: Vec::new() })
        }
        _ => return None,
    })
}

fn ambiguous_when(head: Span) -> Diagnostic {
    let here = Span { end: head.start, ..head };
    Diagnostic::error(
        Code::AmbiguousWhen,
        head,
        "this `when` could belong to the policy before it, or be a policy of its own",
    )
    .label("in column 1, behind a policy")
    .help("indent it to make it part of that policy, or write `policy NAME` before it")
    .maybe(here, "  ")
    .maybe(here, "policy another\n  ")
}

fn second_when(head: Span, first: Span) -> Diagnostic {
    let here = Span { end: head.start, ..head };
    Diagnostic::error(
        Code::SecondWhen,
        head,
        "a file has at most one policy without a name",
    )
    .label("the second one")
    .and(first, "the first one, named after the file")
    .help("write `policy NAME` before it")
    .maybe(here, "policy another\n  ")
}

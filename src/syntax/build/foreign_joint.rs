//! `|` and `&` between values: other languages list values so, and names hold such signs.

use crate::ir::Op;
use crate::syntax::ast::{Condition, ConditionKind, TestKind, Value};
use crate::syntax::build::Cx;
use crate::text::Span;

/// A value that an attribute is compared with, and the values behind it.
struct Listed {
    attribute: Span,
    equal: bool,
    values: Vec<Span>,
    /// How many of the terms that is.
    count: usize,
}

impl Cx<'_> {
    /// `department = "Sales" | "Legal"` and `department = R&D` from a term on: how many terms
    /// that takes, 0 where it is something else.
    pub(super) fn joined_values(&mut self, terms: &[Condition], signs: &[Span]) -> usize {
        let Some(sign) = signs.first().copied() else { return 0 };
        let joint = self.snippet(sign).trim_end();
        if !matches!(joint, "|" | "||" | "&") {
            return 0;
        }
        let same = |it: &&Span| self.snippet(**it).trim_end() == joint;
        let Some(listed) = listed(terms, signs.iter().take_while(same)) else {
            return 0;
        };
        let written: Vec<&str> =
            listed.values.iter().map(|it| self.snippet(*it)).collect();
        let quoted = written.iter().all(|it| it.starts_with('"'));
        let bare = !written.iter().any(|it| it.starts_with('"'));
        let (Some(first), Some(last)) = (listed.values.first(), listed.values.last())
        else {
            return 0;
        };
        let attribute = self.snippet(listed.attribute);
        let whole = listed.attribute.to(*last);
        let place =
            Span::new(self.file, sign.start as usize, sign.start as usize + joint.len());
        let finding = self.no_operator(place);
        if joint == "&" {
            if !bare {
                return 0;
            }
            let values = first.to(*last);
            let one = format!("\"{}\"", self.one_line(values));
            let (head, rest) = (written.first(), written.get(1..).unwrap_or_default());
            let two = head.map(|head| format!("\"{head}\" and {}", rest.join(" and ")));
            let two = two.unwrap_or_default();
            self.report(
                finding
                    .help(format!("write `{one}` if it is one text, or `{two}`"))
                    .maybe(values, one)
                    .maybe(values, two),
            );
            return listed.count;
        }
        if !quoted && !bare {
            return 0;
        }
        let texts: Vec<String> = written
            .iter()
            .map(|it| if quoted { (*it).to_owned() } else { format!("\"{it}\"") })
            .collect();
        let word = if listed.equal { "in" } else { "not in" };
        let right = format!("{attribute} {word} ({})", texts.join(", "));
        let finding = finding.help(format!("write `{right}`"));
        // A word without quotes may be a definition, and `!= "A" | "B"` is true of everybody.
        self.report(if quoted && listed.equal {
            finding.fix(whole, right)
        } else {
            finding.maybe(whole, right)
        });
        listed.count
    }
}

/// The values of a comparison and of the words alone behind it.
fn listed<'s>(
    terms: &[Condition],
    signs: impl Iterator<Item = &'s Span>,
) -> Option<Listed> {
    let (first, rest) = terms.split_first()?;
    let ConditionKind::Test(test) = &first.kind else { return None };
    let TestKind::Compare { attribute, op, value } = test.as_ref() else {
        return None;
    };
    let text = matches!(value.value, Value::Text(_) | Value::Words(_));
    if !text || !matches!(op.value, Op::Eq | Op::Ne) {
        return None;
    }
    let mut values = vec![value.span];
    for (term, _) in rest.iter().zip(signs) {
        let ConditionKind::Test(test) = &term.kind else { break };
        let TestKind::Name(path) = test.as_ref() else { break };
        if path.parts.len() != 1 {
            break;
        }
        values.push(path.span);
    }
    let count = values.len();
    (count > 1).then_some(Listed {
        attribute: attribute.span,
        equal: op.value == Op::Eq,
        values,
        count,
    })
}

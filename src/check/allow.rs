//! What comments make of the findings: `# allow CODE: reason` silences warnings, and is
//! itself worth one where it does nothing.

use crate::diagnose::{Code, Diagnostic, Severity, Weight, nearest_codes};
use crate::syntax::Allow;
use crate::text::Span;

/// The findings of a project without those that its comments allow, and with what is to be
/// said about these comments. Where not all was checked, one that silences nothing may yet
/// be needed.
pub fn heed(
    findings: Vec<Diagnostic>,
    allows: &[Allow],
    all_checked: bool,
) -> Vec<Diagnostic> {
    let mut used = vec![false; allows.len()];
    let mut kept = Vec::new();
    for finding in findings {
        let silenced = finding.code.weight() == Weight::Warning
            && finding.severity == Severity::Warning;
        // The narrowest is the one that was written for it.
        let by = allows
            .iter()
            .zip(&mut used)
            .filter(|(allow, _)| silenced && covers(allow, &finding))
            .min_by_key(|(allow, _)| allow.covers.range().len());
        match by {
            Some((_, used)) => *used = true,
            None => kept.push(finding),
        }
    }
    // A mistake hides what would be found without it.
    let sure =
        all_checked && kept.iter().all(|found| found.severity == Severity::Warning);
    let said = allows.iter().zip(used);
    kept.extend(said.filter_map(|(allow, used)| remark(allow, used || !sure)));
    kept
}

fn covers(allow: &Allow, finding: &Diagnostic) -> bool {
    let Span { file, start, .. } = finding.span;
    allow.code.value == finding.code.as_str()
        && allow.covers.file == file
        && (allow.covers.start..allow.covers.end).contains(&start)
}

/// What is wrong with such a comment, if anything.
fn remark(allow: &Allow, used: bool) -> Option<Diagnostic> {
    let (written, at) = (allow.code.value.as_str(), allow.code.span);
    let Some(code) = Code::named(written) else {
        let warnings = |name: &&str| {
            Code::named(name).is_some_and(|code| code.weight() == Weight::Warning)
        };
        let near = nearest_codes(written).into_iter().find(warnings);
        let message = format!("there is no warning `{written}`");
        let finding =
            Diagnostic::warning(Code::UnknownAllow, at, message).label("allows nothing");
        return Some(match near {
            Some(near) => finding.help(format!("write `{near}`")).maybe(at, near),
            None => finding.help("write the code that stands above the warning"),
        });
    };
    match code.weight() {
        Weight::Warning => {}
        Weight::Error => {
            let message = format!("`{code}` is an error, and cannot be allowed");
            return Some(
                Diagnostic::warning(Code::AllowOfError, at, message)
                    .label("only warnings can")
                    .help("mend what it is about, and delete this comment")
                    .maybe(allow.span, ""),
            );
        }
    }
    if !allow.reasoned {
        let message = format!("this `allow` does not say why `{code}` is fine here");
        return Some(
            Diagnostic::warning(Code::AllowWithoutReason, allow.span, message)
                .label("the next reader will ask")
                .help(format!("write `# allow {code}: ` and the reason")),
        );
    }
    if used {
        return None;
    }
    let message = format!("no `{code}` is found here, so nothing is allowed");
    Some(
        Diagnostic::warning(Code::UnusedAllow, allow.span, message)
            .label("silences nothing")
            .help("delete the comment, or move it right above the line it is about")
            .maybe(allow.span, ""),
    )
}

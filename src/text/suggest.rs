//! Did you mean.

use crate::text::fold;

/// The known names nearest to what was written, best first, at most three.
///
/// Names that are equal but for case come first; others are near when at most a third of
/// the longer name, and at least one letter, would have to change (a swap of two
/// neighbours is one change). Ties stand in alphabetical order, so the answer is stable.
pub fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let written = fold(written);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let folded = fold(name);
            let distance = strsim::damerau_levenshtein(&written, &folded);
            let longest = written.chars().count().max(folded.chars().count());
            (distance <= (longest / 3).max(1)).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, name)| name).take(3).collect()
}

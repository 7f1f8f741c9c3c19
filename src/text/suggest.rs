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
    let (length, letters) = (written.chars().count(), letters(&written));
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let folded = fold(name);
            let other = folded.chars().count();
            let most = (length.max(other) / 3).max(1);
            // Most names are far away, and that shows without comparing letter by letter.
            if length.abs_diff(other) > most
                || apart(&letters, &self::letters(&folded)) > most
            {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&written, &folded);
            (distance <= most).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, name)| name).take(3).collect()
}

/// How often each letter stands in a word, thirty-two kinds of letters told apart.
fn letters(word: &str) -> [u16; 32] {
    let mut counts = [0_u16; 32];
    for letter in word.chars() {
        let kind = u32::from(letter) % 32;
        if let Some(count) = counts.get_mut(kind as usize) {
            *count = count.saturating_add(1);
        }
    }
    counts
}

/// A number of changes that at least are needed to get from one to the other.
fn apart(one: &[u16; 32], other: &[u16; 32]) -> usize {
    let pairs = one.iter().zip(other);
    let (more, less) = pairs.fold((0, 0), |(more, less), (one, other)| {
        (more + one.saturating_sub(*other), less + other.saturating_sub(*one))
    });
    usize::from(more.max(less))
}

//! One way of comparing text without regard to case.

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Folds text for comparison: composed (NFC), and each character upper- then lower-cased,
/// so that `Straße` equals `STRASSE` and every sigma equals every other.
///
/// All keys in the store and all literals in conditions go through this one function.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let cased = |text: &str| {
        let upper = text.chars().flat_map(char::to_uppercase);
        upper.flat_map(char::to_lowercase).collect::<String>()
    };
    if is_nfc(text) { cased(text) } else { cased(&text.nfc().collect::<String>()) }
}

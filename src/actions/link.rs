//! Links of reviews: what makes one, and how it is known again.
//!
//! The token of a link is a keyed hash (HMAC-SHA-256) of the run and of whom it asks. So nothing
//! random is drawn, each attempt at a message holds the same token, and neither tokens nor
//! anything that one could be made from lies in the store: the key is a secret like others.

use crate::actions::secret;
use crate::ir::SecretRef;
use crate::text::fold;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// The shortest key and the shortest token, in letters.
const SHORTEST: usize = 32;

/// What links are signed with.
#[derive(Debug)]
pub(crate) struct LinkKey(SecretString);

/// What a token is good for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// To open the page, as a part of its address.
    Link,
    /// To decide, as a part of the form on the page.
    Form,
}

impl LinkKey {
    /// The key itself; relative paths start in `folder`.
    pub(crate) fn read(reference: &SecretRef, folder: &Path) -> Result<Self, String> {
        long_enough(reference, folder)
            .map(Self)
            .map_err(|why| format!("the secret of links: {why}"))
    }

    /// The token of a run, by its key, for somebody whom it asks: 43 letters.
    pub(crate) fn token(&self, purpose: Purpose, run: &str, email: &str) -> String {
        let mac = self.mac(purpose, run, email);
        let bytes = mac.map(|mac| mac.finalize().into_bytes().to_vec());
        URL_SAFE_NO_PAD.encode(bytes.unwrap_or_default())
    }

    /// Whether it is that token; how long that takes tells nothing about it.
    pub(crate) fn made(
        &self,
        token: &str,
        purpose: Purpose,
        (run, email): (&str, &str),
    ) -> bool {
        let shown = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        let mac = self.mac(purpose, run, email);
        mac.is_some_and(|mac| mac.verify_slice(&shown).is_ok())
    }

    /// HMAC takes keys of any length, so there always is one.
    fn mac(&self, purpose: Purpose, run: &str, email: &str) -> Option<Hmac<Sha256>> {
        let what = match purpose {
            Purpose::Link => "link",
            Purpose::Form => "form",
        };
        let key = self.0.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(format!("tenure review {what}\n{run}\n{}", fold(email)).as_bytes());
        Some(mac)
    }
}

/// Whether what a program shows is the token behind a reference; how long that takes tells
/// nothing about it.
pub(crate) fn shows(shown: &str, reference: &SecretRef, folder: &Path) -> bool {
    let Ok(token) = long_enough(reference, folder) else { return false };
    // Both sides become texts of one length, so no byte of either decides how long it takes.
    let digest = Sha256::digest(shown.as_bytes());
    let key = token.expose_secret().as_bytes();
    let known = Hmac::<Sha256>::new_from_slice(&Sha256::digest(key));
    let shown = Hmac::<Sha256>::new_from_slice(&digest);
    match (known, shown) {
        (Ok(known), Ok(shown)) => {
            known.verify_slice(&shown.finalize().into_bytes()).is_ok()
        }
        _ => false,
    }
}

/// A secret that nobody guesses.
pub(crate) fn long_enough(
    reference: &SecretRef,
    folder: &Path,
) -> Result<SecretString, String> {
    let secret = secret::reveal(reference, folder).map_err(|error| error.to_string())?;
    if secret.expose_secret().len() < SHORTEST {
        return Err(format!("it is shorter than {SHORTEST} letters"));
    }
    Ok(secret)
}

//! So that the receiver can believe us: signatures as Standard Webhooks writes them.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::Sha256;

/// Base64 as it is commonly written; people lose the padding, so it may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The keys of one webhook: the present one, and older ones while they are rotated.
#[derive(Debug)]
pub(crate) struct Keys(Vec<SecretSlice<u8>>);

/// Why a secret can't be signed with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadSecret {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It begins with `whsec_`, and what follows is no base64.
    #[error("begins with `whsec_`, and what follows is not base64")]
    NotBase64,
}

impl Keys {
    /// Reads a secret: `whsec_` and base64, or any other text for its bytes; several stand
    /// apart by white space.
    pub(crate) fn parse(secret: &SecretString) -> Result<Self, BadSecret> {
        let keys = secret.expose_secret().split_whitespace().map(|word| {
            let bytes = match word.strip_prefix("whsec_") {
                Some(encoded) => {
                    BASE64.decode(encoded).map_err(|_| BadSecret::NotBase64)?
                }
                None => word.as_bytes().to_vec(),
            };
            if bytes.is_empty() {
                Err(BadSecret::Empty)
            } else {
                Ok(SecretSlice::from(bytes))
            }
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(BadSecret::Empty) } else { Ok(Self(keys)) }
    }

    /// The value of `webhook-signature`: one signature per key, apart by spaces.
    pub(crate) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let signatures = self
            .macs(id, timestamp, body.as_bytes())
            .map(|mac| format!("v1,{}", BASE64.encode(mac.finalize().into_bytes())));
        signatures.collect::<Vec<_>>().join(" ")
    }

    /// Whether one of the signatures of a `webhook-signature` was made with one of the keys.
    pub(crate) fn verify(
        &self,
        id: &str,
        timestamp: i64,
        body: &[u8],
        signatures: &str,
    ) -> bool {
        let made: Vec<Vec<u8>> = signatures
            .split_whitespace()
            .filter_map(|signature| signature.strip_prefix("v1,"))
            .filter_map(|encoded| BASE64.decode(encoded).ok())
            .collect();
        self.macs(id, timestamp, body)
            .any(|mac| made.iter().any(|made| mac.clone().verify_slice(made).is_ok()))
    }

    /// What is signed, once for each key.
    fn macs(
        &self,
        id: &str,
        timestamp: i64,
        body: &[u8],
    ) -> impl Iterator<Item = Hmac<Sha256>> {
        let head = format!("{id}.{timestamp}.");
        self.0.iter().filter_map(move |key| {
            // HMAC takes keys of any length, so none is left out here.
            let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).ok()?;
            mac.update(head.as_bytes());
            mac.update(body);
            Some(mac)
        })
    }
}

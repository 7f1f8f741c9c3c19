//! Signatures against the published vector.

use crate::actions::sign::{BadSecret, Keys};
use secrecy::SecretString;

fn keys(secret: &str) -> Result<Keys, BadSecret> {
    Keys::parse(&SecretString::from(secret))
}

/// The test vector of the Standard Webhooks libraries.
#[test]
fn signs_the_published_vector() {
    let signature = keys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").map(|keys| {
        keys.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        )
    });
    let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    assert_eq!(signature.as_deref(), Ok(expected));
}

#[test]
fn signs_once_for_each_secret() {
    let both = keys("one\n two\n").map(|keys| keys.sign("id", 1, "{}"));
    let one = keys("one").map(|keys| keys.sign("id", 1, "{}"));
    let two = keys("two").map(|keys| keys.sign("id", 1, "{}"));
    assert_eq!(both, one.and_then(|one| two.map(|two| format!("{one} {two}"))));
}

#[test]
fn reads_base64_without_its_padding() {
    let sign = |secret| keys(secret).map(|keys| keys.sign("id", 1, "{}"));
    assert_eq!(sign("whsec_c2VjcmV0IQ"), sign("whsec_c2VjcmV0IQ=="));
    assert_eq!(sign("whsec_c2VjcmV0IQ"), sign("secret!"));
}

#[test]
fn refuses_what_is_no_secret() {
    assert_eq!(keys("").err(), Some(BadSecret::Empty));
    assert_eq!(keys(" \n").err(), Some(BadSecret::Empty));
    assert_eq!(keys("whsec_").err(), Some(BadSecret::Empty));
    assert_eq!(keys("whsec_***").err(), Some(BadSecret::NotBase64));
    assert_eq!(keys("fine whsec_***").err(), Some(BadSecret::NotBase64));
}

#[test]
fn what_is_signed_is_verified_and_nothing_else() {
    let verify = |secret, id, at, body: &str, signatures: &str| {
        keys(secret).is_ok_and(|keys| keys.verify(id, at, body.as_bytes(), signatures))
    };
    let vector = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let (id, at) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
    let body = r#"{"test": 2432232314}"#;
    assert!(verify(secret, id, at, body, vector));
    assert!(verify("older whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", id, at, body, vector));
    assert!(verify(secret, id, at, body, &format!("v1,AAAA v2,x {vector}")));
    assert!(!verify("another", id, at, body, vector));
    assert!(!verify(secret, "msg_other", at, body, vector));
    assert!(!verify(secret, id, at + 1, body, vector));
    assert!(!verify(secret, id, at, r#"{"test": 2432232315}"#, vector));
    for wrong in [
        "",
        "v1",
        "v1,",
        "v1,***",
        "v1,AAAA",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,g0hM9SsE+OTPJTGt",
    ] {
        assert!(!verify(secret, id, at, body, wrong), "{wrong}");
    }
}
